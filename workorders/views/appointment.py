"""The appointment form on the Details tab, and the questions about its date.

See docs/rules.md, "Booking".
"""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html

from portal.people.requests import Request
from workorders import services
from workorders.forms.appointments import AppointmentForm, TakeBackForm
from workorders.forms.refusals import add_refusal
from workorders.history.wording import describe_entries
from workorders.models import WorkOrder
from workorders.states import Verb
from workorders.templatetags.dates import date_time
from workorders.views.answers import (
    handle_action,
    page_url,
    redirected,
    work_order_action,
    work_order_view,
)
from workorders.views.booking import (
    appointment_form,
    book_along,
    customer_information,
    technician_remarks,
)
from workorders.views.details import details_context
from workorders.views.in_a_row import next_to_book
from workorders.views.page_context import fetch, section_context
from workorders.views.questions import (
    Question,
    about_clash,
    about_parts,
    about_past,
    about_target,
    question_context,
)


@work_order_action(Verb.BOOK)
def appointment(request: Request, work_order: WorkOrder) -> HttpResponse:
    if request.method != "POST":
        return redirect(f"{page_url(request, work_order)}#appointment")
    form = appointment_form(request, work_order, request.POST)
    if request.POST.get("answer") == "no":
        return _page(request, work_order, form, focus=True)
    if form.is_valid():
        asks_on = request.POST.get("answer") == "yes" or "take" in request.POST
        return _book(request, work_order, form, saying_yes=asks_on)
    question = None
    only_the_answer_is_wrong = not form.errors.keys() - {"reason", "note"}
    if only_the_answer_is_wrong and _is_confirmed(work_order, form):
        question = about_target(work_order, form, request.user, asks_reason=True)
    return _page(request, work_order, form, status=422, question=question)


def _is_confirmed(work_order: WorkOrder, form: AppointmentForm) -> bool:
    """Whether the person has agreed to miss the current target."""
    return bool(form.cleaned_data["confirmed_target"] == work_order.current_target_on)


def _book(
    request: Request, work_order: WorkOrder, form: AppointmentForm, *, saying_yes: bool
) -> HttpResponse:
    """Book the appointment, or show what prevents it.

    That is a question about the date, the missing reason after Yes or a proposal, an error, or what
    someone else has changed in the meantime.
    """
    booking = form.booking()._replace(reason=None) if saying_yes else form.booking()
    try:
        booked = services.book_appointment(
            work_order, booking, by=request.user, version=form.cleaned_data["version"]
        )
    except services.ReasonNeeded as conflict:
        current, answered = conflict.work_order, conflict.answered
        question = about_target(current, form, request.user, answered=answered)
        return _ask(request, form, conflict, question)
    except services.PartsNotThere as conflict:
        return _ask(request, form, conflict, about_parts(conflict))
    except services.InThePast as conflict:
        return _ask(request, form, conflict, about_past(conflict))
    except services.Clash as conflict:
        return _ask(request, form, conflict, about_clash(conflict))
    except services.ReasonMissing as error:
        status = 200 if saying_yes else add_refusal(form, error)  # Yes leads to the reasons
        question = about_target(work_order, form, request.user, asks_reason=True)
        return _page(request, work_order, form, status=status, question=question)
    except services.DomainError as error:
        return _page(request, work_order, form, status=add_refusal(form, error))
    except services.Stale as stale:
        current = fetch(request, work_order.number)
        form.answer(stale)
        news = describe_entries(stale.news, request.user)
        return _page(request, current, form, status=409, news=news)
    return _booked(request, booked, form, booking)


def _booked(
    request: Request, booked: WorkOrder, form: AppointmentForm, booking: services.Booking
) -> HttpResponse:
    """Go on with what was ticked to be booked along, or with the next one to book if wanted."""
    at = date_time(booking.at, booked.site.zone)
    along = form.cleaned_data["along"]
    onward = next_to_book(request, booked, along) if form.cleaned_data["onward"] else None
    words = "{1} is booked for {0}. {2}" if onward else "Appointment booked for {0}."
    said = format_html(words, at, booked.number, onward.message if onward else "")
    messages.success(request, said)
    to = book_along(request, booked, along, booking)
    is_done = to == page_url(request, booked)
    return redirected(request, onward.url if onward and is_done else to)


def _ask(
    request: Request,
    form: AppointmentForm,
    conflict: services.ReasonNeeded | services.PartsNotThere | services.InThePast | services.Clash,
    question: Question | None,
) -> HttpResponse:
    form.answer(conflict)
    return _page(request, fetch(request, conflict.work_order.number), form, question=question)


def _page(
    request: Request,
    work_order: WorkOrder,
    form: AppointmentForm,
    *,
    status: int = 200,
    question: Question | None = None,
    **context: Any,
) -> HttpResponse:
    """Show the Details tab with what was typed; htmx gets only Customer Information."""
    if question:
        context |= question_context(question, form)
    template = "work_orders/details.html"
    if request.htmx:
        template += "#customer"
        own = customer_information(request, work_order, form) | context
        page = section_context(request, work_order, **own)
    else:
        page = details_context(request, work_order, form, **context)
    response = render(request, template, page, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


@work_order_action(Verb.TAKE_BACK_APPOINTMENT)
def take_back_appointment(request: Request, work_order: WorkOrder) -> HttpResponse:
    form = TakeBackForm(request.POST or None, initial={"version": work_order.version})

    def save() -> None:
        services.take_back_appointment(work_order, **form.cleaned_data, by=request.user)

    return handle_action(
        request,
        work_order,
        form,
        "work_orders/take_back_appointment.html",
        save=save,
        message="The appointment is taken back.",
    )


@work_order_view(Verb.BOOK)
def technician(request: Request, work_order: WorkOrder) -> HttpResponse:
    """Show remarks about the chosen technician while the form is being filled in."""
    if not request.htmx:
        return redirect(f"{page_url(request, work_order)}#appointment")
    form = appointment_form(request, work_order)
    form.prefill(request.GET)
    context = {"remarks": technician_remarks(work_order, form)}
    return render(request, "work_orders/details.html#remarks", context)
