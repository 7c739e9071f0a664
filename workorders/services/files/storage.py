"""The content of files: stored before their row, deleted with it or without it."""

import datetime as dt
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from workorders.models import File, Import
from workorders.services.errors import DomainError

OURS = re.compile(
    r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:-small)?\.(?:jpg|pdf|rows)(\.part)?"
)
AGE = dt.timedelta(hours=1)  # no upload takes longer from its content to its row
AT_ONCE = 500  # names in one query

logger = logging.getLogger(__name__)


class NotStored(DomainError):
    """The file could not be stored: the disk is full or missing."""


@contextmanager
def stored(parts: Mapping[str, bytes]) -> Iterator[None]:
    """Write each part under its name, and delete all of them if anything fails within.

    Raises NotStored.
    """
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
        raise NotStored("The portal could not store this file. Try again later.") from error


def discard(names: Mapping[str, bytes] | list[str]) -> None:
    """Delete these files; any that cannot be deleted is left to `delete_orphaned_files`."""
    for name in names:
        try:
            default_storage.delete(name)
        except OSError:
            logger.exception("%s could not be deleted", name)


def delete_orphaned_files(now: dt.datetime | None = None) -> int:
    """Delete stored files without a row, left by interrupted uploads and removals.

    Deletes only names that the portal gives, and nothing younger than an hour. Returns how many
    files were deleted.
    """
    before, deleted = (now or timezone.now()) - AGE, 0
    ours = [match for match in map(OURS.fullmatch, _names()) if match]
    for first in range(0, len(ours), AT_ONCE):
        batch = ours[first : first + AT_ONCE]
        referenced = _referenced({UUID(match[1]) for match in batch})
        orphaned = [match[0] for match in batch if match[2] or UUID(match[1]) not in referenced]
        old = [name for name in orphaned if _is_older(name, before)]
        discard(old)
        deleted += len(old)
    return deleted


def _names() -> list[str]:
    try:
        return list(default_storage.listdir("")[1])
    except FileNotFoundError:  # nothing has been stored yet
        return []


def _referenced(keys: set[UUID]) -> set[UUID]:
    files = File.objects.filter(key__in=keys, removed_at=None)
    imports = Import.objects.filter(key__in=keys)
    return {*files.values_list("key", flat=True), *imports.values_list("key", flat=True)}


def _is_older(name: str, before: dt.datetime) -> bool:
    try:
        return default_storage.get_modified_time(name) < before
    except FileNotFoundError:  # deleted in the meantime
        return False
