"""Staff's day: how much is waiting for them. Each number is the length of the list it opens."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from portal.people.requests import user_of
from portal.people.roles import Right
from workorders.models import WorkOrder
from workorders.models.reasons import waiting
from workorders.models.todos import TODOS


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
        for name, todo in TODOS.items()
    ]
    if not user.may(Right.READ_REASONS):
        return todos
    reasons = reverse("admin:workorders_missedslareason_changelist")
    return [*todos, Waiting("Reasons waiting", waiting(now).count(), f"{reasons}?review=waiting")]


class TodoFilter(admin.SimpleListFilter):
    title = "what waits"
    parameter_name = "todo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(name, todo.label) for name, todo in TODOS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[WorkOrder]) -> QuerySet[WorkOrder]:
        todo = TODOS.get(self.value() or "")
        return (
            queryset.filter(todo.condition(user_of(request), timezone.now())) if todo else queryset
        )
