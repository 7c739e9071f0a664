"""What the list is asked for: the query string as values, and values as a query string again."""

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Q

from workorders.states import OPEN, WAITING_FOR_PARTS, Status

COLUMNS = {
    "target": "Target SLA",
    "number": "Work Order Number",
    "subject": "Subject",
    "status": "Status",
    "appointment": "Appointment Date",
    "account": "Account",
    "territory": "Service Territory",
    "work_type": "Work Type",
    "entitlement": "Entitlement",
    "case": "Case",
    "assigned": "WO Assigned Date",
}
SLA = {
    "missed": "Missed SLA",
    "today": "Last day is today",
    "week": "This week",
    "none": "No date yet",
}
ORDERS = [("", ""), ("-", ", descending")]
ALL_OPEN, ANY = "open", "any"  # besides the statuses themselves


class Asked(NamedTuple):
    """A list that someone asks for.

    `status` holds slugs; without any, open work is meant, in a search or of what waits all work.
    """

    q: str = ""
    needs: str = (
        ""  # what waits for the person who asks, by its name in NEEDS; in work of any status
    )
    status: tuple[str, ...] = ()
    work_type: str = ""
    territory: str = ""
    sla: str = ""
    sort: str = "target"
    after: str = ""

    def query(self, **changes: Any) -> str:
        """The same list, or one that differs in the changes, as a query string without what goes
        without saying.
        """
        asked = self._replace(**changes)
        if asked.status == (ALL_OPEN,) and not (asked.q or asked.needs):
            asked = asked._replace(status=())
        given = {name: value for name, value in asked._asdict().items() if value}
        if asked.sort == "target":
            del given["sort"]
        return urlencode(given, doseq=True)

    @property
    def statuses(self) -> frozenset[str]:
        """The statuses shown; every one of them for any."""
        chosen = self.status or ((ANY,) if self.q or self.needs else (ALL_OPEN,))
        if ANY in chosen:
            return frozenset(Status)
        return frozenset(chosen) - {ALL_OPEN} | (OPEN if ALL_OPEN in chosen else frozenset())

    @property
    def shown(self) -> Q:
        """The condition of the statuses, none when it would hold for every row."""
        return Q() if self.statuses == frozenset(Status) else Q(status__in=sorted(self.statuses))

    @property
    def is_of_open(self) -> bool:
        """Whether nothing but open work can be in the list."""
        return bool(self.sla) or self.statuses <= OPEN

    @property
    def kind(self) -> dict[str, str]:
        """The filters that the counts obey too: they stay while one looks from status to status."""
        given = {"work_type": self.work_type, "territory__name": self.territory}
        return {name: value for name, value in given.items() if value}

    @property
    def status_in_words(self) -> str:
        if self.statuses == frozenset(Status):
            return "Any status"
        if self.statuses == OPEN:
            return "All open"
        if self.statuses == WAITING_FOR_PARTS:
            return "Waiting for parts"
        return (
            Status(*self.statuses).label
            if len(self.statuses) == 1
            else f"{len(self.statuses)} statuses"
        )

    @property
    def is_search(self) -> bool:
        """Whether all work is searched and nothing else was asked for: then a single hit is what
        was looked for.
        """
        return (
            bool(self.q)
            and not self.shown
            and self._replace(status=(), sort="target") == Asked(q=self.q)
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the order was asked for."""
        return bool(self._replace(sort="target", after="").query())
