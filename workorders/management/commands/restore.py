from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from portal.backup_folder import BackupError
from portal.backups import restore, verified
from workorders.models import append_only


class Command(BaseCommand):
    help = (
        "Bring a backup back into a database without work orders, verify it, and migrate it."
        " Stop web and worker first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="what `backup` has written")
        parser.add_argument(
            "--key", type=Path, metavar="FILE", help="the secret key of an encrypted backup"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say whether the backup is whole, and no more"
        )

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        key = options["key"]
        try:
            if options["dry_run"]:
                manifest, _ = verified(folder, key)
            else:
                manifest = restore(folder, key)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        rows, files = sum(manifest["rows"].values()), len(manifest["files"])
        what = f"{rows} rows and {files} files of {manifest['made_at']}"
        if options["dry_run"]:
            self.stdout.write(f"{what} can be restored. Nothing was.")
            return
        call_command("migrate", verbosity=0)
        if append_only.is_missing(connection):
            raise CommandError("The ledger is not guarded against changes.")
        self.stdout.write(f"{what} are here, and verified.")
