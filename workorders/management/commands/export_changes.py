import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from workorders.exports.ledger import StillWriting, exported_entries, settled_range
from workorders.management.arguments import positive, whole
from workorders.management.database import DatabaseCommand

WAIT = 60


class Command(DatabaseCommand):
    help = (
        "Write the ledger of all work orders as JSON lines, oldest first, with internal notes."
        " Pass the id of the last line as the next --since: each entry that was committed before"
        " the command began is then exported exactly once."
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since", type=whole, default=0, metavar="ID", help="only entries after this id"
        )
        parser.add_argument("--limit", type=positive, metavar="N", help="at most N entries")
        parser.add_argument(
            "--wait",
            type=whole,
            default=WAIT,
            metavar="SECONDS",
            help="how long to wait for open transactions",
        )

    def handle(self, *args: Any, since: int, limit: int | None, wait: int, **options: Any) -> None:
        try:
            entry_range = settled_range(since, wait=wait)
        except StillWriting as error:
            raise CommandError(
                f"A transaction that may have written entries is still open after {wait} seconds."
                " Nothing was exported. Try again once it has ended."
            ) from error
        for entry in exported_entries(entry_range, limit=limit):
            self.stdout.write(json.dumps(entry))
