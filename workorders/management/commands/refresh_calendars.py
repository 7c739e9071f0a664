from typing import Any

from django.utils import timezone

from workorders.management.database import DatabaseCommand
from workorders.services.calendars.refreshing import refresh_all


class Command(DatabaseCommand):
    help = (
        "Compare every business calendar with the `holidays` package, and propose the differences."
        " No target moves until staff approve a proposal in the admin."
        " The worker does this on the first of each month."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for territory, proposal, problem in refresh_all(timezone.now().year):
            if problem:
                self.stderr.write(self.style.WARNING(problem))
            elif proposal:
                self.stdout.write(f"{territory}: {proposal.summary}, proposed.")
            else:
                self.stdout.write(f"{territory}: nothing new.")
