"""Staff's day: how much is waiting for them. Each number is the length of the list it opens."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.contrib import admin
from django.db.models import Count, F, FilteredRelation, Min, OrderBy, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from portal.people.requests import user_of
from portal.people.roles import Right
from workorders.models import WorkOrder
from workorders.models.reasons import waiting
from workorders.models.todos import TODOS
from workorders.models.waiting import Waiting, has_read, waiting_by_name
from workorders.models.waits import LONG_AGO, holds_at, of_todo
from workorders.targets.due import DueState, counted
from workorders.targets.unaccepted import unaccepted

UNACCEPTED = "unaccepted"  # depends on the business days of the territory, and so is not kept
AGING, OLD = 2, 5  # days
LABELS = {UNACCEPTED: "Not accepted", **{name: todo.label for name, todo in TODOS.items()}}


class WaitingLine(NamedTuple):
    """What waits, how much, where its list is, and how long the oldest of it has waited."""

    label: str
    number: str
    url: str
    age: str
    state: DueState | str


class DayOfStaff(NamedTuple):
    """What waits, the oldest first; and what of it is empty."""

    waiting: list[WaitingLine]
    nothing_in: str


def day_of(user: Any) -> DayOfStaff | None:
    """Count what waits for someone who may see work orders."""
    if not user.may(Right.READ):
        return None
    now, address = timezone.now(), reverse("admin:workorders_workorder_changelist")
    found = waiting_by_name(user, now, map(of_todo, TODOS))
    unaccepted_work = WorkOrder.objects.visible_to(user).filter(unaccepted(now))
    found[of_todo(UNACCEPTED)] = _counted(unaccepted_work, "assigned_on")
    lists = [(LABELS[name], f"{address}?todo={name}", found[of_todo(name)]) for name in LABELS]
    if user.may(Right.READ_REASONS):
        reasons = reverse("admin:workorders_missedslareason_changelist")
        awaited = _counted(waiting(now).order_by(), "waiting_since")
        lists.append(("Reasons waiting", f"{reasons}?review=waiting", awaited))
    lists.sort(key=lambda each: (each[2].since == LONG_AGO, each[2].since))
    return DayOfStaff(
        [
            WaitingLine(label, f"{each.number:,}", url, *_age(each.since, now))
            for label, url, each in lists
            if each.number
        ],
        ", ".join(label for label, _, each in lists if not each.number),
    )


def _counted(rows: QuerySet[Any], since: str) -> Waiting:
    number, first = rows.aggregate(number=Count("pk"), first=Min(since)).values()
    if isinstance(first, dt.date) and not isinstance(first, dt.datetime):
        first = dt.datetime.combine(first, dt.time(), dt.UTC)
    return Waiting(number, first or LONG_AGO)


def _age(since: dt.datetime, now: dt.datetime) -> tuple[str, DueState | str]:
    if since == LONG_AGO:
        return "", ""
    days = (now - since).days
    if days < 1:
        return "oldest today", ""
    state = DueState.LATE if days >= OLD else DueState.NEAR
    return f"oldest {counted(days, 'day')}", state if days >= AGING else ""


class TodoFilter(admin.SimpleListFilter):
    title = "what waits"
    parameter_name = "todo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return LABELS.items()

    def queryset(self, request: HttpRequest, queryset: QuerySet[WorkOrder]) -> QuerySet[WorkOrder]:
        name, now = self.value() or "", timezone.now()
        if name == UNACCEPTED:
            return queryset.filter(unaccepted(now))
        if name not in TODOS:
            return queryset
        its_wait = FilteredRelation("waits", condition=Q(waits__name=of_todo(name)))
        found = queryset.annotate(its_wait=its_wait).filter(holds_at(now, "its_wait__"))
        if not TODOS[name].rule.is_message:
            return found
        return found.exclude(has_read(user_of(request), "pk", "its_wait__since"))


def longest_first(name: str) -> list[Any]:
    """Return the order of a to-do's list: who waits longest comes first."""
    if name == UNACCEPTED:
        return ["assigned_on", "number_by_value"]
    return [OrderBy(F("its_wait__since")), "number_by_value"] if name in TODOS else []
