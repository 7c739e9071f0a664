"""The POC: attempts to reach them, logged in two taps, and a second POC."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from portal.people.requests import Request
from workorders import services
from workorders.forms.contacts import ContactForm, SecondPocForm
from workorders.forms.refusals import add_refusal
from workorders.history.visibility import contact_attempts_for
from workorders.models import WorkOrder
from workorders.permissions import can_now
from workorders.states import Verb
from workorders.views.answers import handle_action, page_url, redirect_after, work_order_action
from workorders.views.page_context import page_context, section_context

SHOWN = 5


def contacts(request: Request, work_order: WorkOrder) -> dict[str, object]:
    """Build the section Contact log: the attempts so far, and the form for another one."""
    attempts = list(contact_attempts_for(request.user, work_order)[: SHOWN + 1])
    return {
        "attempts": attempts[:SHOWN],
        "more_attempts": len(attempts) > SHOWN,
        "wants_another_poc": services.wants_another_poc(work_order, attempts),
        "contact_form": ContactForm(),
        "may_log_contact": can_now(request.user, Verb.LOG_CONTACT, work_order),
    }


@work_order_action(Verb.LOG_CONTACT)
def log_contact(request: Request, work_order: WorkOrder) -> HttpResponse:
    if request.method != "POST":
        return redirect(f"{page_url(request, work_order)}#contacts")
    form, status = ContactForm(request.POST), 422
    if form.is_valid():
        try:
            services.log_contact(work_order, **form.attempt_values(), by=request.user)
            form, status = ContactForm(), 200
        except services.DomainError as error:
            status = add_refusal(form, error)
    if status == 200 and not request.htmx:
        return redirect_after(request, work_order, "The attempt is logged.")
    context = contacts(request, work_order) | {"contact_form": form, "just_logged": status == 200}
    template, build = "work_orders/contacts.html", page_context
    if request.htmx:
        template, build = f"{template}#log", section_context
    return render(request, template, build(request, work_order, **context), status=status)


@work_order_action(Verb.ADD_SECOND_POC)
def second_poc(request: Request, work_order: WorkOrder) -> HttpResponse:
    form = SecondPocForm(request.POST or None, initial={"version": work_order.version})

    def save() -> None:
        services.add_second_poc(
            work_order, form.poc(), by=request.user, version=form.cleaned_data["version"]
        )

    return handle_action(
        request,
        work_order,
        form,
        "work_orders/second_poc.html",
        save=save,
        message="The second POC is added.",
    )
