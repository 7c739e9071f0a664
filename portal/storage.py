"""Files on disk, each there for good before the database hears of it."""

import os
from typing import Any

from django.core.files.storage import FileSystemStorage


class DurableStorage(FileSystemStorage):
    def _save(self, name: str, content: Any) -> str:
        """Write, then wait for the disk: the file's bytes first, then its place in the folder."""
        name = super()._save(name, content)  # type: ignore[misc]  # unknown to the types
        path = self.path(name)
        for written in (path, os.path.dirname(path)):
            descriptor = os.open(written, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        return name
