"""The bytes of files: there before their row, gone when it does not come or is taken away."""

import datetime as dt
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from workorders.models import File
from workorders.services.errors import Refused

OURS = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(-small)?\.(jpg|pdf)")
AGE = dt.timedelta(hours=1)  # no upload takes longer from its bytes to its row

logger = logging.getLogger(__name__)


class NotStored(Refused):
    """The storage did not take it: the disk is full, or away."""


@contextmanager
def stored(parts: Mapping[str, bytes]) -> Iterator[None]:
    """Write each part under its name; whatever goes wrong then or within, none of them stays. Raises NotStored."""
    try:
        _write(parts)
        yield
    except BaseException:
        discard(parts)
        raise


def _write(parts: Mapping[str, bytes]) -> None:
    try:
        for name, data in parts.items():
            default_storage.save(name, ContentFile(data))
    except OSError as error:
        logger.exception("A file could not be stored")
        raise NotStored("The portal could not store this file. Nothing was kept of it: try again later.") from error


def discard(names: Mapping[str, bytes] | list[str]) -> None:
    """Take them out of the storage; one that cannot be is left to the sweep."""
    for name in names:
        try:
            default_storage.delete(name)
        except OSError:
            logger.exception("%s could not be deleted", name)


def sweep_files(now: dt.datetime | None = None) -> int:
    """Delete what lies in the storage without a row that stands: uploads that were killed, removals half done.

    Only names that are ours, and nothing younger than an hour. Returns how many.
    """
    before, swept = (now or timezone.now()) - AGE, 0
    for name in _names():
        match = OURS.fullmatch(name)
        if match and default_storage.get_modified_time(name) < before and not _stands(UUID(match[1])):
            discard([name])
            swept += 1
    return swept


def _names() -> list[str]:
    try:
        return list(default_storage.listdir("")[1])
    except FileNotFoundError:  # nothing was ever stored
        return []


def _stands(key: UUID) -> bool:
    return File.objects.filter(key=key, removed_at=None).exists()
