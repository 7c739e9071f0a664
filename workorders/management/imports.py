"""What the import commands share: arguments, output and exit status."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import CommandError

from workorders.exports.files import chunks, ending_of
from workorders.management.database import DatabaseCommand
from workorders.services.importing import ImportResult, rejected_rows


class ImportCommand(DatabaseCommand):
    when_interrupted = "The same command goes on from here."
    run_import: ClassVar[Callable[..., ImportResult]]
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--dry-run", action="store_true", help="check everything, but change nothing"
        )
        parser.add_argument(
            "--rejects",
            type=Path,
            metavar="FILE",
            help="import the good rows, and write the bad ones here with the reason",
        )

    def handle(
        self, *args: Any, file: Path, dry_run: bool, rejects: Path | None, **options: Any
    ) -> None:
        try:
            with file.open("rb") as content:
                if rejects:
                    if rejects.exists() and rejects.samefile(file):
                        raise CommandError(
                            f"{rejects} is the file to import. Name another one for rejected rows."
                        )
                    # first, to find out whether it can be written
                    rejects.write_text("")
                result = type(self).run_import(
                    content, by=None, dry_run=dry_run, good_rows_only=rejects is not None
                )
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        for note in result.notes:
            self.stderr.write(f"Note: {file} was {note}")
        for each in result.errors:
            self.stderr.write(str(each))
        if result.errors and not result.saved and (rejects is None or not result.columns):
            raise CommandError(f"Nothing was imported: {_counted(len(result.errors))}.")
        for warning in result.warnings:
            self.stderr.write(f"Warning: {warning}")
        if rejects:
            rows = rejected_rows(result.columns, result.rejected)
            rejected = chunks(rows, ending_of(rejects.name), result.separator)
            with rejects.open("wb") as out:
                out.writelines(rejected)
        self.stdout.write(result.summary + _remarks(result, dry_run, rejects))
        if result.errors and not rejects:
            raise CommandError("These rows became wrong while the others were written.")


def _remarks(result: ImportResult, dry_run: bool, rejects: Path | None) -> str:
    remarks = f", {len(result.rejected)} rejected" if result.rejected else ""
    remarks += f", see {rejects}" if remarks and rejects else ""
    return remarks + (" (dry run: nothing was changed)" if dry_run else "")


def _counted(errors: int) -> str:
    return f"{errors} error" if errors == 1 else f"{errors} errors"
