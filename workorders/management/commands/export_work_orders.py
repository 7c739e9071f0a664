import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from workorders.csv_files import csv_lines
from workorders.exports.work_orders import work_order_rows
from workorders.management.arguments import iso_date


class Command(BaseCommand):
    help = (
        "Write all work orders as CSV, with every date, the outcome against the Target SLA, the"
        " reason for delay and its verdict, and the days in each status."
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        since = "only those with an entry in their history on this day (UTC) or later"
        parser.add_argument("--since", type=iso_date, metavar="DATE", help=since)

    def handle(self, *args: Any, since: dt.date | None, **options: Any) -> None:
        for line in csv_lines(work_order_rows(timezone.now(), since)):
            self.stdout.write(line, ending="")
