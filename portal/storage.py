"""Files on disk, each stored durably before the database refers to it."""

import os
from typing import Any

from django.core.files.storage import FileSystemStorage

PART = ".part"  # ends the name of a file that is still being written


class DurableStorage(FileSystemStorage):
    def _save(self, name: str, content: Any) -> str:
        """Write under another name, sync, then rename: a file with its own name is complete."""
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
