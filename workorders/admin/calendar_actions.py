"""Staff's actions on a business calendar. Each has a page, and each makes a proposal."""

from typing import NamedTuple

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from portal.people.requests import user_of
from portal.people.roles import Right
from workorders.admin.answers import Crumb, Link, form_page, try_save
from workorders.admin.fetching import get_viewable_or_404
from workorders.forms import calendars as forms
from workorders.models import CalendarProposal, ServiceTerritory
from workorders.services.calendars.proposals import propose


class CalendarAction(NamedTuple):
    name: str  # in addresses
    label: str
    form: type[forms.CalendarActionForm]
    about: str
    template: str = "admin/form.html"


CALENDAR_ACTIONS = [
    CalendarAction(
        "holidays",
        "Choose holidays",
        forms.HolidaysForm,
        "Tick the holidays on which nobody works. What you decide is kept with the territory, and"
        " no later version of the list proposes it again.",
        "admin/holidays.html",
    ),
    CalendarAction(
        "close",
        "Close days",
        forms.CloseForm,
        "Every business day in this range becomes a closed day.",
    ),
    CalendarAction(
        "open",
        "Open a day",
        forms.OpenForm,
        "A closed day becomes a business day.",
    ),
    CalendarAction(
        "move",
        "Move an observed day",
        forms.MoveForm,
        "Another day is closed instead of this one.",
    ),
    CalendarAction(
        "week",
        "Change the week or coverage",
        forms.WeekForm,
        "Which weekdays are the weekend, and how far the calendar reaches.",
    ),
]
PROPOSED = "Proposed. Nothing has changed yet: look at it, then approve or reject it."
NOTHING_YET = "Nothing changes yet: this makes a proposal, and its page shows what would move."


def calendar_action_links(territory: ServiceTerritory, request: HttpRequest) -> list[Link]:
    """Link the actions, for someone who may propose changes."""
    if not user_of(request).may(Right.CHANGE_CALENDARS):
        return []
    return [
        Link(
            each.label,
            reverse(f"admin:workorders_serviceterritory_{each.name}", args=[territory.pk]),
        )
        for each in CALENDAR_ACTIONS
    ]


def calendar_action_page(
    admin: ModelAdmin[ServiceTerritory], request: HttpRequest, action: CalendarAction, pk: int
) -> HttpResponse:
    """Show the page of an action and, on POST, make the proposal."""
    territory = get_viewable_or_404(admin, request, pk)
    if not user_of(request).may(Right.CHANGE_CALENDARS):
        raise PermissionDenied
    form = action.form(territory, request.POST if request.method == "POST" else None)
    proposals: list[CalendarProposal] = []

    def save() -> None:
        proposals.append(propose(territory, form.change(), by=user_of(request)))

    refusal = try_save(request, form, save) if request.method == "POST" else None
    if proposals:
        messages.success(request, PROPOSED)
        return redirect("admin:workorders_calendarproposal_change", proposals[0].pk)
    back = reverse("admin:workorders_serviceterritory_change", args=[pk])
    return form_page(
        admin,
        request,
        form,
        title=f"{action.label} · {territory}",
        refusal=refusal,
        about=f"{action.about} {NOTHING_YET}",
        crumbs=[
            Crumb("Service territories", reverse("admin:workorders_serviceterritory_changelist")),
            Crumb(str(territory), back),
        ],
        here=action.label,
        back=back,
        submit="Propose",
        template=action.template,
    )
