"""Partners and people in the admin.

New people get an invitation, nobody is deleted, and no password is shown.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.people.models import Certification, Partner, User
from portal.people.requests import user_of
from portal.people.roles import PARTNER_ROLES, Role
from portal.people.services import add_user, change_user, check_belongs, invite, note_rights
from portal.people.ship_to import SHIP_TO_LENGTHS


class PartnerForm(forms.ModelForm[Partner]):
    class Meta:
        model = Partner
        fields = ["name", "email_domain", "shared_mailbox", *SHIP_TO_LENGTHS]

    def clean_email_domain(self) -> str:
        domain: str = self.cleaned_data["email_domain"]
        return domain.strip().removeprefix("@").lower()


@admin.register(Partner)
class PartnerAdmin(admin.ModelAdmin[Partner]):
    form = PartnerForm
    list_display = ["name", "email_domain", "ship_to_city", "ship_to_country"]
    search_fields = ["name", "email_domain"]


class UserForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = [
            "email",
            "name",
            "phone",
            "role",
            "partner",
            "is_active",
            "is_superuser",
            "groups",
        ]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        return email.lower()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if {"email", "role"} <= set(data):
            check_belongs(data["email"], data["role"], data.get("partner"))
        return data


class CertificationInline(admin.TabularInline[Certification, User]):
    model = Certification
    fields = ["name", "number", "expires_on"]
    extra = 0


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    form = UserForm
    list_display = ["name", "email", "partner", "role", "is_active", "last_login"]
    list_filter = ["role", "is_active"]
    list_select_related = ["partner"]
    search_fields = ["name", "email", "partner__name"]
    autocomplete_fields = ["partner"]
    actions = ["resend_invitation"]

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        return [CertificationInline] if obj and obj.role == Role.TECHNICIAN else []

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        fields = ["email", "name", "phone", "role", "partner"]
        if obj:
            fields += ["is_active", "last_login", "date_joined"]
        return [*fields, "is_superuser", "groups"] if request.user.is_superuser else fields

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        return ["last_login", "date_joined"] if obj else []

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "role" and not request.user.is_superuser:
            kwargs["choices"] = [(role.value, role.label) for role in Role if role in PARTNER_ROLES]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        if obj is None or not allowed:
            return allowed
        return not obj.is_erased and (request.user.is_superuser or not obj.is_staff)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: User, form: forms.ModelForm[User], change: bool
    ) -> None:
        if change:
            # the form saves groups afterwards
            own = [field for field in form.changed_data if field != "groups"]
            change_user(obj, fields=own, by=user_of(request))
        else:
            add_user(obj, by=user_of(request))
            self.message_user(request, f"An invitation is on its way to {obj.email}.")

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """What Django logs; the groups, which have been saved by now, are kept in the audit too."""
        if "groups" in form.changed_data:
            note_rights(form.instance, ["groups"], by=user_of(request))
        return super().construct_change_message(request, form, formsets, add)

    def response_add(self, request: HttpRequest, obj: User, *args: Any, **kwargs: Any) -> Any:
        self._warn_of_no_right(request, obj)
        return super().response_add(request, obj, *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: User) -> Any:
        self._warn_of_no_right(request, obj)
        return super().response_change(request, obj)

    def _warn_of_no_right(self, request: HttpRequest, person: User) -> None:
        """Groups have been saved by now."""
        if person.is_staff and person.is_active and not person.may_administer:
            sentence = f"{person} cannot do anything yet: choose a group, or “superuser status”."
            self.message_user(request, sentence, messages.WARNING)

    @admin.action(description="Re-send invitation", permissions=["add"])
    def resend_invitation(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            try:
                invite(user, by=user_of(request))
            except ValidationError as error:
                self.message_user(request, error.message, messages.WARNING)
            else:
                self.message_user(request, f"An invitation is on its way to {user.email}.")
