"""Staff's day: how much is waiting for them. Each number is the length of the list it opens."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.contrib import admin
from django.db.models import F, OrderBy, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from portal.people.requests import user_of
from portal.people.roles import Right
from workorders.models import WorkOrder
from workorders.models.reasons import waiting
from workorders.models.todos import TODOS, Todo
from workorders.targets.unaccepted import unaccepted

UNACCEPTED = Todo("Not accepted", lambda reader, now: unaccepted(now), F("assigned_on"))
DAY = {"unaccepted": UNACCEPTED, **TODOS}


class Waiting(NamedTuple):
    label: str
    number: int
    url: str


def day_of(user: Any) -> list[Waiting]:
    """Count what waits for someone who may see work orders, with one query each."""
    if not user.may(Right.READ):
        return []
    now, address = timezone.now(), reverse("admin:workorders_workorder_changelist")
    rows = WorkOrder.objects.visible_to(user)
    todos = [
        Waiting(
            todo.label, rows.filter(todo.condition(user, now)).count(), f"{address}?todo={name}"
        )
        for name, todo in DAY.items()
    ]
    if not user.may(Right.READ_REASONS):
        return todos
    reasons = reverse("admin:workorders_missedslareason_changelist")
    return [*todos, Waiting("Reasons waiting", waiting(now).count(), f"{reasons}?review=waiting")]


class TodoFilter(admin.SimpleListFilter):
    title = "what waits"
    parameter_name = "todo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(name, todo.label) for name, todo in DAY.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[WorkOrder]) -> QuerySet[WorkOrder]:
        todo = DAY.get(self.value() or "")
        return (
            queryset.filter(todo.condition(user_of(request), timezone.now())) if todo else queryset
        )


def longest_first(name: str) -> list[Any]:
    """Return the order of a to-do's list: who waits longest comes first."""
    todo = DAY.get(name)
    return [OrderBy(todo.since, nulls_last=True), "number_by_value"] if todo else []
