"""Staff's day: how much is waiting for them. Each number is the length of the list it opens."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.contrib import admin
from django.db.models import F, FilteredRelation, OrderBy, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from portal.people.requests import user_of
from portal.people.roles import Right
from workorders.models import WorkOrder
from workorders.models.reasons import waiting
from workorders.models.todos import TODOS
from workorders.models.waiting import has_read, numbers_waiting
from workorders.models.waits import holds_at, of_todo
from workorders.targets.unaccepted import unaccepted

UNACCEPTED = "unaccepted"  # depends on the business days of the territory, and so is not kept
LABELS = {UNACCEPTED: "Not accepted", **{name: todo.label for name, todo in TODOS.items()}}


class Waiting(NamedTuple):
    label: str
    number: int
    url: str


def day_of(user: Any) -> list[Waiting]:
    """Count what waits for someone who may see work orders."""
    if not user.may(Right.READ):
        return []
    now, address = timezone.now(), reverse("admin:workorders_workorder_changelist")
    numbers = numbers_waiting(user, now, map(of_todo, TODOS))
    numbers[of_todo(UNACCEPTED)] = (
        WorkOrder.objects.visible_to(user).filter(unaccepted(now)).count()
    )
    todos = [
        Waiting(label, numbers[of_todo(name)], f"{address}?todo={name}")
        for name, label in LABELS.items()
    ]
    if not user.may(Right.READ_REASONS):
        return todos
    reasons = reverse("admin:workorders_missedslareason_changelist")
    return [*todos, Waiting("Reasons waiting", waiting(now).count(), f"{reasons}?review=waiting")]


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
