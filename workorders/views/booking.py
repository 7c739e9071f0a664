"""What the appointment form offers: the technicians, other work at the site, and remarks."""

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import BigIntegerField, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone

from portal.people.readers import any_reader, given_of
from portal.people.requests import Request
from portal.prepared import Given, Prepared
from workorders import services
from workorders.fieldwork.calendar_invite import prepared_messages
from workorders.fieldwork.technicians import crew_of, remarks
from workorders.forms.appointments import AppointmentForm, SameVisitForm, as_booked
from workorders.history.wording import description_of
from workorders.models import Appointment, MissedSLAReason, WorkOrder
from workorders.permissions import can_now
from workorders.services import Booking
from workorders.states import DelayReason, Verb
from workorders.targets.days_ahead import DayAhead, days_ahead, next_hour
from workorders.targets.judging import Judgement, judgement_of, needs_reason
from workorders.views.answers import page_url
from workorders.views.in_a_row import is_among_needs

MOST = 10  # work orders that one visit can be booked for


def appointment_form(
    request: Request, work_order: WorkOrder, data: Any = None, **begin: Any
) -> AppointmentForm:
    """Make the appointment form. For someone who may not book, it offers no choices."""
    if can_now(request.user, Verb.BOOK, work_order):
        begin["crew"] = crew_of(work_order.partner, work_order.site_today())
        begin["here"] = open_here(request, work_order)
        if data is None and work_order.appointment is None and not begin.get("like"):
            begin["usual"] = _last_in_the_territory(request, work_order)
    return AppointmentForm(work_order, data, **begin)


def _last_in_the_territory(request: Request, work_order: WorkOrder) -> Appointment | None:
    """Return the partner's last booking there, for open work."""
    open_there = WorkOrder.objects.visible_to(request.user).filter(
        counts_as_open=True, territory=work_order.territory_id, appointment__isnull=False
    )
    rows = open_there.select_related("appointment__technician", "appointment__work_order__site")
    last = rows.order_by("-appointment_id").first()
    return last.appointment if last else None


class BookedDate(NamedTuple):
    """What the page says about the appointment's date, or about the day judged instead.

    At most one of the flags is true.
    """

    judgement: Judgement
    needs_reason: bool = False
    is_missed: bool = False  # and the reason is given
    is_protected: bool = False
    was_late: bool = False  # when it was booked, and no longer is


def booked_date(work_order: WorkOrder, missed: MissedSLAReason | None) -> BookedDate:
    """Describe the appointment's date. `missed` is the reason that counts."""
    said = BookedDate(judgement_of(work_order))
    judgement, booked = said.judgement, work_order.appointment
    if judgement.is_frozen and judgement.target_on is None:
        return said
    if needs_reason(work_order):
        return said._replace(needs_reason=True)
    if judgement.is_late:
        return said._replace(is_missed=missed is not None)
    if booked is None:
        return said
    if judgement.is_protected:
        return said._replace(is_protected=True)
    return said._replace(was_late=booked.missed_sla is not None)


def customer_information(
    request: Request, work_order: WorkOrder, form: AppointmentForm
) -> dict[str, Any]:
    """Build the section Customer Information.

    It has the appointment form, the days to choose from, and the reason for delay with its verdict.
    """
    prefetch_related_objects([work_order], "shipments")
    is_known = work_order.appointment or work_order.has_outcome
    missed = services.last_reason(work_order) if is_known else None
    may_book = can_now(request.user, Verb.BOOK, work_order)
    days = days_ahead(work_order, work_order.shipments.all(), work_order.site_today())
    return {
        "form": form,
        "may_book": may_book,
        "books_in_a_row": may_book and is_among_needs(request, "book"),
        "may_take_back": can_now(request.user, Verb.TAKE_BACK_APPOINTMENT, work_order),
        "may_answer": can_now(request.user, Verb.ANSWER_VERDICT, work_order),
        "booked": booked_date(work_order, missed),
        "as_booked": as_booked(work_order),
        "remarks": technician_remarks(work_order, form) if may_book else [],
        "prepared_messages": prepared_messages(work_order),
        "days": [_with_hour(each, work_order, form) for each in days],
        "reason_description": description_of(DelayReason(missed.reason)) if missed else "",
        "missed": missed,
        "verdict": services.last_verdict(missed) if missed else None,
    }


def _with_hour(ahead: DayAhead, work_order: WorkOrder, form: AppointmentForm) -> DayAhead:
    now = timezone.now()
    is_today = ahead.day == work_order.site_today(now)
    earliest = next_hour(work_order.site.zone, now) if is_today else None
    return ahead._replace(is_chosen=ahead.iso == form.day, earliest=earliest)


def open_here(request: Request, work_order: WorkOrder) -> list[WorkOrder]:
    """Return other work at the same site that is waiting for an appointment."""
    reader = request.user
    at_site = {"site": work_order.site_id, "work_order": work_order.pk}
    return _open_here(reader.role).rows(**at_site, **given_of(reader))


@functools.cache
def _open_here(role: str) -> Prepared[WorkOrder]:
    site, but = Given("site", BigIntegerField()), Given("work_order", BigIntegerField())
    others = WorkOrder.objects.visible_to(any_reader(role)).bookable().filter(site=site)
    rows = others.exclude(pk=but).with_facts().order_by("number_by_value")[:MOST]
    return Prepared(WorkOrder, lambda: rows)


def appointment_at_site(request: Request, work_order: WorkOrder) -> Appointment | None:
    """Return the visit booked for another work order at this site, to book it here too."""
    number = SameVisitForm(request.GET).number()
    if not number:
        return None
    mine = WorkOrder.objects.visible_to(request.user)
    rows = mine.filter(site=work_order.site, number=number).select_related("appointment")
    other = rows.first()
    return other.appointment if other else None


def book_along(
    request: Request, booked: WorkOrder, numbers: Sequence[str], booking: Booking
) -> str:
    """Book the same visit for other work at the site, each judged by its own target.

    Return the page to go on with: that of the first work order with a question, with the visit
    filled in, or else that of the work order that was booked.
    """
    visit = booking._replace(reason=None, note="", confirmed_target=None, confirmed_parts=None)
    with_question = []
    for row in open_here(request, booked):
        if row.number not in numbers:
            continue
        try:
            services.book_appointment(row, visit, by=request.user)
            messages.success(request, f"{row.number} is booked for the same visit.")
        except (
            services.ReasonNeeded,
            services.PartsNotThere,
            services.InThePast,
            services.Clash,
        ):
            with_question.append(row)
        except services.DomainError as error:
            messages.warning(request, f"{row.number} is not booked. {error.message}")
    if not with_question:
        return page_url(request, booked)
    left = [row.number for row in with_question]
    sentence = f"Not booked yet: {', '.join(left)}. Press Save to see the question."
    messages.warning(request, sentence)
    query = {"visit_of": booked.number, "back": request.GET.get("back", "")}
    encoded = urlencode({name: value for name, value in query.items() if value})
    return f"{reverse('work-order', args=[left[0]])}?{encoded}#appointment"


def technician_remarks(work_order: WorkOrder, form: AppointmentForm) -> list[str]:
    """List what to know about the technician in the form.

    This includes technicians who have left while the appointment still names them.
    """
    person, current = form.person, work_order.appointment
    name = str(form["technician_name"].value() or "")
    if person is None and current and current.technician_name == name:
        person = current.technician
    return list(remarks(work_order, person, name, form.at))
