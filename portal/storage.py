"""Files on disk, each stored durably before the database refers to it."""

import os
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage

PART = ".part"  # ends the name of a file that is still being written


class DurableStorage(FileSystemStorage):
    def _save(self, name: str, content: Any) -> str:
        """Write under another name, sync, then rename: a file with its own name is complete."""
        part = f"{name}{PART}"
        new_folders = [path for path in Path(self.path(name)).parents if not path.exists()]
        try:
            super()._save(part, content)  # type: ignore[misc]  # unknown to the types
            _sync(self.path(part))
            os.rename(self.path(part), self.path(name))
            _sync(os.path.dirname(self.path(name)))
            for folder in new_folders:
                _sync(str(folder.parent))
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
