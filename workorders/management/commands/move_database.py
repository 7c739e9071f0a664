from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from portal.environment import database_of
from portal.moving import MoveError, move_to
from workorders.management.database import DatabaseCommand


class Command(DatabaseCommand):
    help = (
        "Copy every row into another, empty database, such as from SQLite to PostgreSQL, and"
        " compare them. Stop web and worker first; afterwards start them with the new DATABASE_URL."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", help="such as postgres://user:password@host/name")

    def handle(self, *args: Any, url: str, **options: Any) -> None:
        try:
            database = database_of(url)
        except ValueError as error:
            raise CommandError(f"The URL must be {error}.") from error
        try:
            counts = move_to(database)
        except MoveError as error:
            raise CommandError(str(error)) from error
        rows, tables = sum(counts.values()), len(counts)
        self.stdout.write(f"{rows} rows of {tables} tables are there, each the same.")
        self.stdout.write("Set DATABASE_URL to it, and start web and worker.")
