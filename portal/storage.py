"""Files on disk, each there for good before the database hears of it."""

import os
from typing import Any

from django.core.files.storage import FileSystemStorage

PART = ".part"  # of a name: still being written


class DurableStorage(FileSystemStorage):
    def _save(self, name: str, content: Any) -> str:
        """Written beside its place, waited for, then named: whatever has a file's name is whole."""
        part = f"{name}{PART}"
        try:
            super()._save(part, content)  # type: ignore[misc]  # unknown to the types
            _sync(self.path(part))
            os.rename(self.path(part), self.path(name))
            _sync(os.path.dirname(self.path(name)))
        except BaseException:
            self.delete(part)
            raise
        return name


def _sync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
