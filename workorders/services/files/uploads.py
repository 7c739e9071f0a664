"""Adds, changes and removes files; an upload is checked, encoded and stored before its row."""

import datetime as dt
import hashlib
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from types import EllipsisType
from typing import Any, NamedTuple, cast
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from portal.people.models import Partner, User
from workorders.history.visibility import ledger_for
from workorders.models import File, LineItem, Shipment, WorkOrder
from workorders.models.files import NAME_LENGTH, FileKind, FileQuerySet, Scan
from workorders.models.ledger import Event, LedgerChanges
from workorders.permissions import blocked_reason, may_edit_file
from workorders.services.changes import changed
from workorders.services.errors import DomainError, InvalidState, NotAllowed, Stale
from workorders.services.files.pdfs import NotAPDF, is_pdf, read_pdf
from workorders.services.files.photos import LARGEST_BYTES, NotAPicture, read_picture
from workorders.services.files.storage import discard, stored
from workorders.services.locking import check_permission
from workorders.services.unit_of_work import UnitOfWork, unit_of_work
from workorders.states import Verb

PER_DAY = 500 * 2**20  # bytes stored for one partner within 24 hours
DAY = dt.timedelta(days=1)
AGO, AHEAD = dt.timedelta(days=365), dt.timedelta(days=1)  # of a camera's clock that is believed
PREPARED = "prepared_content"  # on an upload that was decoded before the transaction


class OverQuota(DomainError):
    """The partner has reached its limit of bytes for a day."""


class _Content(NamedTuple):
    """What is stored of an upload."""

    data: bytes
    thumbnail: bytes | None
    facts: dict[str, object]  # fields of its row


def add_file(
    work_order: WorkOrder,
    upload: "UploadedFile[bytes]",
    *,
    upload_key: UUID,
    caption: str = "",
    moment: str = "",
    line_item: LineItem | None = None,
    shipment: Shipment | None = None,
    internal: bool = False,
    verb: Verb = Verb.ADD_FILE,
    by: User,
) -> File:
    """Store a photo or a PDF; with a known `upload_key`, return the file that it came with.

    `verb` is the action that the file is sent with. With a `shipment` it is the carrier's label for
    that return, from staff for the partner.

    Raises DomainError for anything but a photo or PDF, OverQuota, NotStored.
    """
    _check(work_order, line_item, internal, verb, by)
    if shipment is not None:
        _check_label(work_order, shipment, internal, by)
    if sent_before := work_order.files.filter(upload_key=upload_key).first():
        return sent_before
    content = _read(upload)
    file = File(
        work_order=work_order,
        upload_key=upload_key,
        name=display_name(upload.name or "") or str(content.facts["kind"]),
        caption=caption.strip(),
        moment=moment,
        line_item=line_item,
        shipment=shipment,
        internal=internal,
        uploaded_by=by,
        **content.facts,
    )
    parts = [content.data, content.thumbnail or b""]
    with stored(dict(zip(file.stored_names, parts, strict=False))):
        entered = _enter(file, verb, by)
    if entered is not file:
        discard(file.stored_names)  # the same upload arrived twice at the same time
    return entered


def add_files(
    work_order: WorkOrder,
    uploads: Iterable[tuple["UploadedFile[bytes]", UUID]],
    *,
    by: User,
    **metadata: Any,
) -> list[tuple["UploadedFile[bytes]", DomainError]]:
    """Store each upload that can be stored; return those that were refused, and why."""
    refused = []
    for upload, key in uploads:
        try:
            add_file(work_order, upload, upload_key=key, by=by, **metadata)
        except DomainError as error:
            refused.append((upload, error))
    return refused


def unattached_files(work_order: WorkOrder, keys: Collection[UUID], by: User) -> FileQuerySet:
    """This person's files from these uploads that are not attached to anything yet."""
    return work_order.files.visible_to(by).unattached().filter(upload_key__in=keys, uploaded_by=by)


def change_file(
    file: File,
    *,
    caption: str,
    moment: str,
    line_item: LineItem | EllipsisType | None = ...,
    internal: bool | None = None,
    by: User,
    version: int | None = None,
) -> File:
    """Change what a file is said to show, and who sees it.

    Only staff may change `internal`; without `line_item` the line item stays. `version` is the work
    order's version that the user saw.

    Raises Stale when someone else has changed this file since.
    """
    with unit_of_work(file.work_order, Verb.CHANGE_FILE, by=by) as work:
        row = _get_file(work, file, by)
        if version is not None:
            _check_unchanged(work, row, version, by)
        values: dict[str, object] = {"caption": caption.strip(), "moment": moment}
        if line_item is not ...:
            _check_line_item(work.work_order, line_item)
            values["line_item"] = line_item
        if internal is not None and internal != row.internal:
            if not by.is_staff:
                raise NotAllowed(f"{by} may not decide who sees {row}")
            if row.shipment_id:
                message = "A return label is for the partner. Remove it instead."
                raise DomainError(message, "internal")
            values["internal"] = internal
        if changes := _set(row, values):
            row.save(update_fields=list(changes))
            work.log(Event.FILE_CHANGED, file=row, changes=changes)
    return row


def remove_file(file: File, *, by: User) -> File:
    """Remove a file from pages and storage; its row and its ledger entries stay."""
    with unit_of_work(file.work_order, Verb.REMOVE_FILE, by=by) as work:
        row = _get_file(work, file, by)
        row.removed_by, row.removed_at = by, work.now
        row.save(update_fields=["removed_by", "removed_at"])
        work.log(Event.FILE_REMOVED, file=row, changes={})
        transaction.on_commit(lambda: discard(row.stored_names))
    return row


def _set(row: File, values: Mapping[str, object]) -> LedgerChanges:
    """Set these values on the row; return the changes for the ledger."""
    changes: LedgerChanges = {}
    for name, value in values.items():
        if (old := getattr(row, name)) != value:
            setattr(row, name, value)
            changes |= changed(name, old, value)
    return changes


def display_name(original: str) -> str:
    """The last part of a path, shortened, without invisible characters or those that turn text."""
    last = original.replace("\\", "/").rpartition("/")[2]
    spaced = "".join(" " if char.isspace() else char for char in last)
    seen = "".join(char for char in spaced if _is_visible(char))
    name = " ".join(seen.split()).strip(". ")
    stem, dot, ending = name.rpartition(".")
    tail = dot + ending if stem and len(ending) <= 10 else ""
    return name[: NAME_LENGTH - len(tail)] + tail if len(name) > NAME_LENGTH else name


def _is_visible(char: str) -> bool:
    return unicodedata.category(char)[0] != "C"


def _check(
    work_order: WorkOrder, line_item: LineItem | None, internal: bool, verb: Verb, by: User
) -> None:
    """Check early, before decoding the file, what is checked again under the lock."""
    check_permission(work_order, verb, by=by)
    if internal and not by.is_staff:
        raise NotAllowed(f"{by} may not add internal files")
    if refusal := blocked_reason(work_order, verb, by):
        raise InvalidState(refusal)
    _check_line_item(work_order, line_item)


def _check_line_item(work_order: WorkOrder, line_item: LineItem | None) -> None:
    if line_item is not None and line_item.work_order_id != work_order.pk:
        raise DomainError("This line item belongs to another work order.", "line_item")


def _check_label(work_order: WorkOrder, shipment: Shipment, internal: bool, by: User) -> None:
    if not by.is_staff:
        raise NotAllowed(f"{by} may not add return labels")
    if shipment.work_order_id != work_order.pk or not shipment.is_return:
        raise DomainError("Choose a return of this work order for the label.", "shipment")
    if internal:
        raise DomainError("A return label is for the partner.", "internal")


def _check_unchanged(work: UnitOfWork, file: File, version: int, by: User) -> None:
    """Raise Stale for changes to the file since `version` that this person may read."""
    changes = ledger_for(by, work.work_order).filter(file=file, event=Event.FILE_CHANGED)
    news = changes.filter(version__gt=version)
    if news.exists() or version > work.work_order.version:
        raise Stale(work.work_order, list(news))


def prepare(uploads: Iterable["UploadedFile[bytes]"]) -> None:
    """Decode the photos now, which takes long, so that no lock is held meanwhile."""
    for upload in uploads:
        with suppress(DomainError):
            setattr(upload, PREPARED, _read(upload))
        upload.seek(0)


def _read(upload: "UploadedFile[bytes]") -> _Content:
    if prepared := getattr(upload, PREPARED, None):
        return cast(_Content, prepared)
    data = upload.read(LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        raise DomainError("This file is larger than 10 MB.")
    if not data:
        raise DomainError("This file is empty.")
    digest = hashlib.sha256(data).hexdigest()
    try:
        if is_pdf(data):
            return _document(read_pdf(data), digest)
        picture = read_picture(data)
    except (NotAPicture, NotAPDF) as error:
        raise DomainError(str(error)) from error
    facts = {
        "kind": FileKind.PHOTO,
        "digest": digest,
        "taken_at": _believed(picture.taken_at),
        "size": len(picture.data),
        "width": picture.width,
        "height": picture.height,
    }
    return _Content(picture.data, picture.thumbnail, facts)


def _document(data: bytes, digest: str) -> _Content:
    return _Content(data, None, {"kind": FileKind.DOCUMENT, "size": len(data), "digest": digest})


def _believed(taken_at: dt.datetime | None) -> str:
    """The camera's clock, unless it was never set: within a year before now, up to a day after."""
    now = timezone.now().replace(tzinfo=None)
    if taken_at is None or not now - AGO <= taken_at <= now + AHEAD:
        return ""
    return taken_at.isoformat()


def _enter(file: File, verb: Verb, by: User) -> File:
    """Save the row of a stored file, or return the one that the same upload already has."""
    with unit_of_work(file.work_order, verb, by=by) as work:
        if sent_before := work.work_order.files.filter(upload_key=file.upload_key).first():
            return sent_before
        file.partner, file.cycle = work.work_order.partner, work.work_order.cycle
        file.uploaded_at = work.now
        if file.line_item and not work.work_order.line_items.filter(pk=file.line_item.pk).exists():
            file.line_item = None  # the line items have been replaced
        if settings.SCANNER_URL and not file.is_photo:
            file.scan = Scan.PENDING
        _check_quota(work, file)
        file.save(force_insert=True)
        note = f"Return label of {file.shipment}" if file.shipment else ""
        work.log(Event.FILE_ADDED, file=file, changes={}, note=note)
    return file


def _check_quota(work: UnitOfWork, file: File) -> None:
    """Raise OverQuota above the daily limit, with the partner locked against other uploads."""
    Partner.objects.select_for_update(no_key=True).values("pk").get(pk=file.partner.pk)
    lately = File.objects.filter(partner=file.partner, uploaded_at__gt=work.now - DAY)
    if (lately.aggregate(total=Sum("size"))["total"] or 0) + file.size > PER_DAY:
        limit = f"{PER_DAY // 2**20} MB"
        raise OverQuota(
            f"{file.partner} has sent {limit} within 24 hours. Send this file tomorrow."
        )


def _get_file(work: UnitOfWork, file: File, by: User) -> File:
    """The file as it is now, if this person may edit it.

    Raises InvalidState when someone has removed it.
    """
    row = work.work_order.files.visible_to(by).with_facts().filter(pk=file.pk).first()
    if row is None:
        raise InvalidState("This file has been removed.")
    if not may_edit_file(by, row):
        raise NotAllowed(f"{by} may not edit {row}")
    return row
