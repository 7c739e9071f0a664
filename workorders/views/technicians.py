"""The partner's technicians: onboarding, certifications, and offboarding."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from portal.people.models import User
from portal.people.requests import Request
from portal.people.technicians import invite_again, onboard_technician, partner_of
from workorders import services
from workorders.fieldwork.technicians import booked_on, by_name, left_behind, with_bookings
from workorders.forms.technicians import AgainForm, TechnicianForm


@require_http_methods(["GET", "HEAD", "POST"])
def technicians(request: Request) -> HttpResponse:
    """Show the list and, on POST, onboard a technician."""
    partner = partner_of(request.user)
    people = with_bookings(User.objects.technicians(partner)).prefetch_related("certifications")
    again = AgainForm(request.GET, people.filter(is_active=False)).chosen()
    form = TechnicianForm(request.POST or None, again=again, domain=partner.email_domain)
    if form.is_valid():
        try:
            person = onboard_technician(**form.cleaned_data, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            message = f"{person.name} was added. An invitation is on its way to {person.email}."
            messages.success(request, message)
            return redirect("technicians")
    everyone = by_name(people)
    left = [person for person in everyone if not person.is_active]
    losing = left_behind(left) if left else {}
    context = {
        "form": form,
        "partner": partner,
        "here": [person for person in everyone if person.is_active],
        "left": [(person, losing.get(person.pk, [])) for person in left],
    }
    status = 422 if form.errors else 200
    return render(request, "work_orders/technicians.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def offboard(request: Request, technician: int) -> HttpResponse:
    """Show what loses its technician and, on POST, offboard them."""
    person = _own(request, technician)
    if request.method == "POST":
        left_open = services.offboard_technician(person, by=request.user)
        needs = f" These no longer have a technician: {', '.join(left_open)}." if left_open else ""
        messages.success(request, f"{person.name} is offboarded.{needs}")
        return redirect("technicians")
    context = {"person": person, "losing": booked_on(person)}
    return render(request, "work_orders/offboard.html", context)


@require_POST
def invite_technician(request: Request, technician: int) -> HttpResponse:
    person = _own(request, technician)
    try:
        invite_again(person, by=request.user)
        messages.success(request, f"Another invitation is on its way to {person.email}.")
    except ValidationError as error:
        messages.warning(request, error.message)
    return redirect("technicians")


def _own(request: Request, technician: int) -> User:
    """Fetch an active technician of this person's partner (404 otherwise)."""
    people = User.objects.technicians(partner_of(request.user)).filter(is_active=True)
    return get_object_or_404(people, pk=technician)
