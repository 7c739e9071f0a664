"""What work orders wait for, kept as rows, so that no count and no list has to search for it.

The conditions in `todos` and `needs` say what waits. `services/waiting.py` writes the rows, in the
transaction of whatever the conditions look at.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.db.models import Q, Value

from portal.people.models import User
from portal.people.roles import Right, Role
from portal.prepared import Given

MISSED = "missed"  # the name of what is late in this cycle
ALSO = "also"  # what is counted besides
LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
NEVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


def of_todo(name: str) -> str:
    return f"todo/{name}"


def of_need(name: str) -> str:
    return f"need/{name}"


def in_status(status: str) -> str:
    return f"in/{status}"


def holds_at(now: dt.datetime | Given, prefix: str = "") -> Q:
    """Whether a wait holds at this instant; `prefix` leads to it from another row."""
    return Q((f"{prefix}since__lte", now), (f"{prefix}until__gt", now))


class WaitQuerySet(models.QuerySet["Wait"]):
    def visible_to(self, user: Any) -> Self:
        """Those of the work orders that the person may see."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        if user.is_staff:
            return self if user.may(Right.READ) else self.none()
        own = self.filter(partner=user.partner_id)
        if user.role == Role.TECHNICIAN:
            return own.filter(work_order__appointment__technician=user.pk)
        return own

    def at(self, now: dt.datetime | Given) -> Self:
        """Those that hold at this instant."""
        return self.filter(holds_at(now))

    def numbers(
        self, names: Iterable[str], also: models.QuerySet[Any] | None = None
    ) -> dict[str, int]:
        """How many there are of each of these names, and how many rows of `also`, as ALSO."""
        numbers = dict.fromkeys(names, 0)
        found: Any = self.by_name(numbers).values_list("name", "number")
        if also is None:
            return numbers | dict(found)
        counted: Any = also.order_by().annotate(name=Value(ALSO, models.CharField()))
        counted = counted.values_list("name").annotate(number=models.Count("pk"))
        return numbers | {ALSO: 0} | dict(found.union(counted, all=True))

    def by_name(self, names: Iterable[str]) -> Any:
        """A query of these names that there are, each with the number of its rows, and since when
        the first of them waits.
        """
        found: Any = self.filter(name__in=list(names)).order_by().values_list("name")
        return found.annotate(number=models.Count("pk"), first=models.Min("since"))

    def named(self, name: str) -> Q:
        """The condition of work orders that wait so."""
        return Q(pk__in=self.filter(name=name).values("work_order"))


class Wait(models.Model):
    """A work order waits for something by this name, from one instant until another.

    The names are those of WAIT_RULES in `waiting`. `since` is also when
    it began to wait; LONG_AGO where nobody asks for that.
    """

    work_order = models.ForeignKey(
        "workorders.WorkOrder", models.CASCADE, related_name="waits", db_index=False
    )
    partner = models.ForeignKey("people.Partner", models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=30)
    since = models.DateTimeField(default=LONG_AGO)
    until = models.DateTimeField(default=NEVER)

    objects = WaitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["work_order", "name"], name="work_order_waits_once")
        ]
        indexes = [
            models.Index(
                fields=["partner", "name", "since", "until", "work_order"], name="waits_of_partner"
            ),
            models.Index(fields=["name", "since", "until", "work_order"], name="waits_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.work_order_id} waits: {self.name}"
