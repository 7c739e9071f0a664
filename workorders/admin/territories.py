"""Service territories: where they are, and their calendars, which change through proposals."""

import datetime as dt
from collections.abc import Iterable
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone

from portal.people.requests import user_of
from portal.people.roles import Right
from sla.values import WEEKDAYS
from workorders.admin.calendar_actions import (
    CALENDAR_ACTIONS,
    calendar_action_links,
    calendar_action_page,
)
from workorders.admin.places import DeletedWhenUnused
from workorders.forms.calendars import NewTerritoryForm, TerritoryForm
from workorders.models import CalendarDay, ServiceTerritory
from workorders.models.calendars import is_among
from workorders.services.calendars.proposals import save_territory
from workorders.services.calendars.refreshing import coverage_warning
from workorders.services.following import has_pending_revision

PLACE = ["name", "country", "subdivision"]
WEEK = ["weekend", "first", "last"]


def weekend_in_words(weekend: Iterable[int]) -> str:
    return ", ".join(WEEKDAYS[day] for day in sorted(weekend)) or "none"


@admin.register(ServiceTerritory)
class ServiceTerritoryAdmin(DeletedWhenUnused):
    list_display = ["name", "country", "subdivision", "first", "last", "revision"]
    search_fields = ["name"]
    change_form_template = "admin/territory.html"

    # --- The form
    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        return super().get_form(
            request, obj, change, form=TerritoryForm if obj else NewTerritoryForm, **kwargs
        )

    def get_fieldsets(self, request: HttpRequest, obj: ServiceTerritory | None = None) -> Any:
        if obj:
            return [(None, {"fields": PLACE})]
        about = (
            "Later it changes through proposals. You do not have to enter public holidays: they"
            " are proposed too."
        )
        return [
            (None, {"fields": PLACE}),
            ("Business calendar", {"fields": WEEK, "description": about}),
        ]

    def save_model(
        self, request: HttpRequest, obj: ServiceTerritory, form: Any, change: bool
    ) -> None:
        save_territory(obj, by=user_of(request))
        if not change:
            sentence = (
                f"The calendar of {obj} has no public holidays yet. The worker proposes them"
                " within a minute; then choose which of them count."
            )
            self.message_user(request, sentence, messages.WARNING)

    # --- The page of one
    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if obj := kwargs.get("obj"):
            context.update(self._calendar(request, obj))
        return super().render_change_form(request, context, *args, **kwargs)

    def _calendar(self, request: HttpRequest, territory: ServiceTerritory) -> dict[str, Any]:
        this_year = timezone.now().year
        days = territory.days.filter(until=None, day__gte=dt.date(this_year, 1, 1))
        return {
            "territory": territory,
            "weekend": weekend_in_words(territory.weekend),
            "warning": coverage_warning(territory),
            "has_pending_revision": has_pending_revision(territory),
            "years": [
                (year, [_line(day, territory) for day in same], place == 0 or year == this_year)
                for place, (year, same) in enumerate(groupby(days, key=_year))
            ],
            "this_year": this_year,
            "revisions": territory.revisions.select_related("made_by"),
            "proposals": _open_proposals(request, territory),
            "calendar_actions": calendar_action_links(territory, request),
        }

    def get_urls(self) -> list[URLPattern]:
        def page(action: Any) -> URLPattern:
            guarded = self.admin_site.admin_view(partial(calendar_action_page, self))
            name = f"workorders_serviceterritory_{action.name}"
            return path(f"<int:pk>/{action.name}/", guarded, {"action": action}, name=name)

        return [*map(page, CALENDAR_ACTIONS), *super().get_urls()]


class DayLine(NamedTuple):
    day: dt.date
    worked: bool
    name: str
    source: str


def _line(row: CalendarDay, territory: ServiceTerritory) -> DayLine:
    source = "public holiday"
    if row.by_staff:
        source = "staff"
    elif any(is_among(name, territory.always_closes) for name in row.state.holidays):
        source = "always closed here"
    return DayLine(row.day, row.worked, row.name, source)


def _year(day: CalendarDay) -> int:
    return day.day.year


def _open_proposals(request: HttpRequest, territory: ServiceTerritory) -> Any:
    if not user_of(request).may(Right.READ_PROPOSALS):
        return []
    return (
        territory.proposals.filter(verdict="")
        .select_related("territory", "made_by")
        .prefetch_related("days")
    )
