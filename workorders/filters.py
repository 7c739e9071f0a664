"""The filters of the list: the query string as values, and values as a query string."""

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Q

from workorders.states import OPEN, Status

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


class WorkOrderQuery(NamedTuple):
    """The search, filters and order of a list of work orders.

    `status` holds slugs. Without any, the list is of open work, or of all work with `q` or `needs`.
    """

    q: str = ""
    needs: str = ""  # what waits for the user, by its name in NEEDS; in work of any status
    status: tuple[str, ...] = ()
    work_type: str = ""
    territory: str = ""
    sla: str = ""
    sort: str = "target"
    after: str = ""

    def query_string(self, **changes: Any) -> str:
        """The query string of this list, or of one with these changes, without the defaults."""
        query = self._replace(**changes)
        if query.status == (ALL_OPEN,) and not (query.q or query.needs):
            query = query._replace(status=())
        given = {name: value for name, value in query._asdict().items() if value}
        if query.sort == "target":
            del given["sort"]
        return urlencode(given, doseq=True)

    @property
    def statuses(self) -> frozenset[str]:
        """The statuses shown."""
        chosen = self.status or ((ANY,) if self.q or self.needs else (ALL_OPEN,))
        if ANY in chosen:
            return frozenset(Status)
        return frozenset(chosen) - {ALL_OPEN} | (OPEN if ALL_OPEN in chosen else frozenset())

    @property
    def shown(self) -> Q:
        """The condition on the status, empty where every row would meet it."""
        if self.statuses == frozenset(Status):
            return Q()
        return (
            Q(counts_as_open=True) if self.statuses == OPEN else Q(status__in=sorted(self.statuses))
        )

    @property
    def is_of_open(self) -> bool:
        """Whether the list can hold only open work."""
        return bool(self.sla) or self.statuses <= OPEN

    @property
    def kind(self) -> dict[str, str]:
        """The filters that the counts by status follow too."""
        given = {"work_type": self.work_type, "territory__name": self.territory}
        return {name: value for name, value in given.items() if value}

    @property
    def filters(self) -> int:
        """How many filters are on: status, work type, territory and target."""
        return sum(map(bool, (self.status, self.work_type, self.territory, self.sla)))

    @property
    def is_search(self) -> bool:
        """Whether all work is searched without filters, so that a single hit is the one wanted."""
        return (
            bool(self.q)
            and not self.shown
            and self._replace(status=(), sort="target") == WorkOrderQuery(q=self.q)
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the order was chosen."""
        return bool(self._replace(sort="target", after="").query_string())
