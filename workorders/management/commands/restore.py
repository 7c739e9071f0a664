from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from portal.backups import BackupError, restore
from workorders.models import append_only


class Command(BaseCommand):
    help = (
        "Bring a backup back into a database without work orders, verify it, and migrate it."
        " Stop web and worker first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="what `backup` has written")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            manifest = restore(folder)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        call_command("migrate", verbosity=0)
        if append_only.is_missing(connection):
            raise CommandError("The ledger is not guarded against changes.")
        rows, files = sum(manifest["rows"].values()), len(manifest["files"])
        made_at = manifest["made_at"]
        self.stdout.write(f"{rows} rows and {files} files of {made_at} are here, and verified.")
