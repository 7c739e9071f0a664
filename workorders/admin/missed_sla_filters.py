"""The filters of the list of reasons for delay: by name, review, facts and month."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from workorders.models.reasons import waiting, wanting_an_answer
from workorders.states import DelayReason, VerdictKind
from workorders.templatetags.words import reason_with_description

MONTHS = 13  # that the filter offers
FACTS = {1: "agree", 0: "say nothing", -1: "contradict"}


class ReasonFilter(admin.SimpleListFilter):
    title = "reason"
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(reason.value, reason_with_description(reason)) for reason in DelayReason]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        name = self.value()
        return queryset.filter(reason=name) if name in DelayReason.values else queryset


class ReviewFilter(admin.SimpleListFilter):
    title = "review"
    parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [
            ("waiting", "Waiting for a verdict"),
            ("asked", "Waiting for the partner"),
            *VerdictKind.choices,
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now, name = timezone.now(), self.value()
        if name in ("waiting", "asked"):
            rows = waiting(now) if name == "waiting" else wanting_an_answer(now)
            return queryset.filter(pk__in=rows.order_by().values("pk"))
        return queryset.filter(verdict=name) if name in VerdictKind.values else queryset


class FactsFilter(admin.SimpleListFilter):
    title = "the portal’s facts"
    parameter_name = "facts"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(str(fact), word) for fact, word in FACTS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = [fact for fact in FACTS if str(fact) == self.value()]
        return queryset.filter(facts__in=chosen) if chosen else queryset


class MonthFilter(admin.SimpleListFilter):
    """Filter by the month (UTC) in which the reason was given.

    The months are counted from today, whatever rows there are.
    """

    title = "month given"
    parameter_name = "month"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        now = timezone.now()
        months = [_month(now, -back) for back in range(MONTHS)]
        return [(f"{month:%Y-%m}", f"{month:%B %Y}") for month in months]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        try:
            first = dt.datetime.strptime(self.value() or "", "%Y-%m").replace(tzinfo=dt.UTC)
            return queryset.filter(given_at__gte=first, given_at__lt=_month(first, 1))
        except ValueError:
            return queryset


def _month(instant: dt.datetime, further: int) -> dt.datetime:
    """Return the beginning of the month that is so many months after, or before, this instant's.

    Raises ValueError after 9999.
    """
    year, month = divmod(instant.year * 12 + instant.month - 1 + further, 12)
    return dt.datetime(year, month + 1, 1, tzinfo=dt.UTC)
