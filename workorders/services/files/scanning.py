"""Scans documents for viruses where there is a scanner; nobody can open one before."""

import logging

from django.core.files.storage import default_storage

from workorders.models import File
from workorders.models.files import Scan
from workorders.models.ledger import Event
from workorders.services.changes import changed
from workorders.services.files.clamd import NoVerdict, found_in
from workorders.services.unit_of_work import unit_of_work
from workorders.states import Verb

AT_ONCE = 200

logger = logging.getLogger(__name__)


def scan_files() -> int:
    """Scan documents that wait for it, and return how many were scanned.

    One on which the scanner has no verdict keeps waiting.
    """
    scanned = 0
    pending = File.objects.filter(scan=Scan.PENDING, removed_at=None)
    for file in pending.select_related("work_order")[:AT_ONCE]:
        data = _read(file)
        if data is None:
            continue
        try:
            _settle(file, found_in(data))
        except NoVerdict as error:
            logger.warning("The virus scanner has no verdict on %s: %s", file.stored, error)
            continue
        except OSError as error:
            logger.warning("The virus scanner cannot be reached: %s", error)
            break
        scanned += 1
    return scanned


def _read(file: File) -> bytes | None:
    try:
        with default_storage.open(file.stored) as stored:
            return bytes(stored.read())
    except OSError:
        logger.exception("%s cannot be read", file.stored)
        return None


def _settle(file: File, found: str) -> None:
    with unit_of_work(file.work_order, Verb.CHANGE_FILE, by=None) as work:
        row = work.work_order.files.filter(pk=file.pk, scan=Scan.PENDING, removed_at=None).first()
        if row is None:
            return
        row.scan = Scan.HELD if found else Scan.CLEAN
        row.save(update_fields=["scan"])
        if found:
            changes = changed("scan", Scan.PENDING, row.scan)
            note = f"Found in it: {found[:200]}"
            work.log(Event.FILE_CHANGED, file=row, changes=changes, note=note)
