from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from portal.backup_folder import BackupError
from portal.backups import back_up
from workorders.management.database import DatabaseCommand


class Command(DatabaseCommand):
    help = (
        "Write database and files into an empty folder, while the portal is in use. With"
        " BACKUP_PUBLIC_KEY they are encrypted with age."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="new, or empty")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            manifest = back_up(folder)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        rows, files = sum(manifest["rows"].values()), len(manifest["files"])
        encrypted = ", encrypted" if settings.BACKUP_PUBLIC_KEY else ""
        self.stdout.write(f"{rows} rows and {files} files are in {folder}{encrypted}.")
        self.stdout.write("Keep the SECRET_KEY elsewhere.")
