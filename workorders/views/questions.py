"""The questions before an appointment is booked.

They are about a missed Target SLA, a visit before the parts arrive, and a time that has passed.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.people.models import User
from sla import CalendarError
from workorders import services
from workorders.forms.appointments import AppointmentForm
from workorders.history.evidence import Finding, findings
from workorders.history.wording import description_of
from workorders.models import WorkOrder
from workorders.states import DELAY_GROUPS
from workorders.targets.due import DueState, business_days_late, counted, late_text
from workorders.targets.explaining import Explanation, explain
from workorders.targets.judging import judgement_of_booking
from workorders.templatetags.dates import date_time, day


class ReasonChoice(NamedTuple):
    """One of the nine reasons, as the form offers it."""

    value: str
    label: str
    description: str
    is_chosen: bool
    has_focus: bool


Group = tuple[str, list[ReasonChoice]]  # under its name


class Question(NamedTuple):
    """A dialog about the date in the form and the day that it conflicts with."""

    title: str
    label: str  # what that day is
    day: dt.date
    on: dt.date  # the appointment's
    gap: str  # how far the two are apart, in words
    state: DueState  # late for the target, else near
    answered: dt.date | None = None  # an earlier such day that Yes was said to
    consequence: str = ""  # what Yes does, where nothing more is asked
    # --- Of a technician who is elsewhere alone: both visits, each by the clock of its site
    there: SafeString | str = ""
    here: SafeString | str = ""
    # --- Of a missed SLA alone
    sum: Explanation | None = None
    asks_reason: bool = False
    findings: Sequence[Finding] = ()  # what speaks for one of the reasons
    reason: str = ""  # the one that is chosen
    groups: Sequence[Group] = ()
    instead: dt.datetime | None = None  # the same hour on the last day in SLA, unless that is over


PARTS_UNDER_WAY = "the visit is booked for a day when its parts are still on their way."
BOTH_VISITS = "the technician is booked for both visits."
ENTERED_AFTERWARDS = "it is booked for that time, and marked as entered afterwards."


def about_parts(conflict: services.PartsNotThere) -> Question:
    arrive_on = conflict.arrive_on
    days = (arrive_on - conflict.on).days
    return Question(
        title=format_html("The parts arrive on {}. Book a visit before they do?", day(arrive_on)),
        label="Estimated Delivery Date",
        day=arrive_on,
        on=conflict.on,
        gap=f"{counted(days, 'day')} too early",
        state=DueState.NEAR,
        answered=conflict.answered,
        consequence=PARTS_UNDER_WAY,
    )


def about_past(conflict: services.InThePast) -> Question:
    zone, today = conflict.work_order.site.zone, conflict.work_order.site_today()
    days = (today - conflict.on).days
    return Question(
        title=format_html("{} has passed. Was the visit made then?", date_time(conflict.at, zone)),
        label="Today at the site",
        day=today,
        on=conflict.on,
        gap=f"{counted(days, 'day')} ago" if days else "earlier today",
        state=DueState.NEAR,
        consequence=ENTERED_AFTERWARDS,
    )


def about_clash(conflict: services.Clash) -> Question:
    """Ask about two visits at once. Each is said by its own site's clock, and where the clocks
    differ the other one by this site's too.
    """
    other, zone = conflict.other, conflict.work_order.site.zone
    booked = other.appointment
    assert booked  # noqa: S101  it is what the visit clashes with
    minutes = int(abs((booked.at - conflict.at).total_seconds()) // 60)
    there = date_time(booked.at, other.site.zone)
    if booked.at.astimezone(zone).utcoffset() != booked.at.astimezone(other.site.zone).utcoffset():
        there = format_html("{} <small>{} here</small>", there, date_time(booked.at, zone))
    return Question(
        title=f"{booked.technician_name} is at {other.site.name} around that time. Book both?",
        label=f"{other.number}, {other.site.city}",
        day=booked.on,
        on=conflict.on,
        gap=f"{_duration(minutes)} apart" if minutes else "at the same time",
        state=DueState.NEAR,
        consequence=BOTH_VISITS,
        there=there,
        here=date_time(conflict.at, zone),
    )


def _duration(minutes: int) -> str:
    if minutes < 60:
        return counted(minutes, "minute")
    hours = counted(minutes // 60, "hour")
    return hours if minutes % 60 == 0 else f"{hours} {minutes % 60} min"


def about_target(
    work_order: WorkOrder,
    form: AppointmentForm,
    reader: User,
    *,
    asks_reason: bool = False,
    answered: dt.date | None = None,
) -> Question | None:
    """Ask about the date in the form.

    Return None if that date is in time, or if no calendar covers it.
    """
    at, target_on = form.cleaned_data["appointment_at"], work_order.current_target_on
    if target_on is None or not judgement_of_booking(work_order, at.date()).is_late:
        return None
    try:
        days_late = business_days_late(work_order, at.date())
    except CalendarError as error:
        sentence = f"The business calendar does not cover this date: {error}."
        form.add_error("appointment_at", sentence)
        return None
    instead = dt.datetime.combine(target_on, at.time(), work_order.site.zone)
    found = findings(work_order, reader) if asks_reason else []
    chosen = form.data.get("take") or form.data.get("reason")
    reason = chosen or services.reason_to_repeat(work_order)
    offered = reason_groups(reason, focus_first=not reason and not found)
    return Question(
        title="Continue with a missed SLA date?",
        label="Target SLA",
        day=target_on,
        on=at.date(),
        gap=late_text(days_late),
        state=DueState.LATE,
        answered=answered,
        sum=explain(work_order, work_order.shipments.all(), work_order.holds.all()),
        asks_reason=asks_reason,
        findings=found,
        reason=reason,
        groups=list(offered) if asks_reason else [],
        instead=instead if instead > timezone.now() else None,
    )


def reason_groups(chosen: str, *, focus_first: bool) -> Iterator[Group]:
    """Group the nine reasons.

    The focus is on the chosen reason. Without one it is on the first reason, if `focus_first`.
    """
    for group, reasons in DELAY_GROUPS:
        choices = []
        for reason in reasons:
            is_chosen = reason == chosen
            has_focus = is_chosen or focus_first
            focus_first = False
            description = description_of(reason)
            choices.append(ReasonChoice(reason, reason.label, description, is_chosen, has_focus))
        yield group.format(operator=settings.OPERATOR_NAME), choices


def question_context(question: Question, form: AppointmentForm) -> dict[str, Any]:
    """Build the dialog, with what its forms send again from the form behind it."""
    instead = question.instead if question.asks_reason else None
    return {
        "question": question,
        "typed": form.typed() + form.answered(with_reason=not question.asks_reason),
        "typed_instead": form.typed(at=instead) if instead else [],
    }
