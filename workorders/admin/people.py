"""Erasing people in the admin: an action on the list, and a page that explains it."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from portal.people.admin import UserAdmin
from portal.people.models import User
from portal.people.requests import user_of
from workorders.admin.answers import Crumb, Refusal, form_page
from workorders.admin.fetching import chosen_keys
from workorders.services import erase_people

LIST = "admin:people_user_changelist"
ABOUT = (
    "Name, e-mail, phone, password, certifications, and the e-mails sent to them are deleted, from"
    " appointments and visits too. They can no longer log in. The history of the work orders stays,"
    " and refers to them by a number; comments and notes stay as they were written."
)

admin.site.unregister(User)


class EraseForm(forms.Form):
    sure = forms.BooleanField(
        label="Erase for good",
        help_text="Nobody can undo this.",
        error_messages={"required": "Check this box, or go back."},
    )


@admin.register(User)
class PersonAdmin(UserAdmin):
    actions = [*UserAdmin.actions, "erase"]

    def has_erase_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    @admin.action(description="Erase personal data", permissions=["erase"])
    def erase(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse:
        keys = ",".join(str(pk) for pk in queryset.order_by("pk").values_list("pk", flat=True))
        return redirect(f"{reverse('admin:people_user_erase')}?keys={keys}")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(partial(erase_page, self))
        return [path("erase/", view, name="people_user_erase"), *super().get_urls()]


def erase_page(model_admin: PersonAdmin, request: HttpRequest) -> HttpResponse:
    """Show who would be erased and what that means; a POST erases them."""
    if not model_admin.has_erase_permission(request):
        raise PermissionDenied
    people = list(User.objects.filter(pk__in=chosen_keys(model_admin, request)))
    form, refusal = EraseForm(request.POST or None), None
    if not people:
        messages.warning(request, "Nobody was chosen.")
        return redirect(LIST)
    if request.method == "POST":
        refusal = _erase(request, people, form)
        if refusal is None:
            return redirect(LIST)
    who = people[0].name if len(people) == 1 else f"{len(people)} people"
    names = ", ".join(f"{person.name} ({person.email})" for person in people)
    context: dict[str, Any] = {
        "title": f"Erase {who}",
        "about": f"{names}. {ABOUT}",
        "crumbs": [Crumb("People", reverse(LIST))],
        "here": "Erase personal data",
        "submit": "Erase",
        "back": reverse(LIST),
    }
    return form_page(model_admin, request, form, refusal=refusal, **context)


def _erase(request: HttpRequest, people: list[User], form: EraseForm) -> Refusal | None:
    if not form.is_valid():
        return Refusal(422)
    try:
        erased = erase_people(people, by=user_of(request))
    except ValidationError as error:
        form.add_error(None, error)
        return Refusal(422)
    for person in erased:
        messages.success(request, f"Personal data erased. They now appear as {person.name}.")
    return None
