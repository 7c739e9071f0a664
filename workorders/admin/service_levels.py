"""Entitlements, whose changes are previewed before they are saved, and carrier services."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from portal.people.requests import user_of
from workorders.admin.answers import Crumb, Refusal, try_save
from workorders.admin.effects import effect_in_words, follow
from workorders.admin.places import DeletedWhenUnused
from workorders.forms.calendars import EntitlementForm
from workorders.models import CarrierService, Entitlement
from workorders.services.calendars.entitlements import changes_level, save_entitlement
from workorders.services.calendars.recalculating import change_of_terms, effect_of
from workorders.services.following import has_pending_revision
from workorders.targets.promises import promise
from workorders.targets.terms import terms

FIELDS = [
    "name",
    "business_days",
    "start_with_parts",
    "start_without_parts",
    "from_next_business_day",
]


@admin.register(Entitlement)
class EntitlementAdmin(DeletedWhenUnused):
    form = EntitlementForm
    list_display = ["name", "business_days", "start_without_parts", "revision"]
    search_fields = ["name"]
    readonly_fields = ["start_with_parts"]
    change_form_template = "admin/entitlement.html"

    def get_fields(self, request: HttpRequest, obj: Entitlement | None = None) -> Any:
        return [*FIELDS, "seen"] if obj and self.has_change_permission(request, obj) else FIELDS

    @admin.display(description="start with parts")
    def start_with_parts(self, entitlement: Entitlement) -> str:
        return "The delivery of the last required part"

    def save_model(self, request: HttpRequest, obj: Entitlement, form: Any, change: bool) -> None:
        """Save a new entitlement. `change_view` changes the level of an existing one."""
        save_entitlement(obj, by=user_of(request))

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if obj := kwargs.get("obj"):
            context["revisions"] = obj.revisions.select_related("made_by")
            context["has_pending_revision"] = has_pending_revision(obj)
            context["show_save_and_add_another"] = context["show_save_and_continue"] = False
        return super().render_change_form(request, context, *args, **kwargs)

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Save a new name at once, and a new service level once its effect has been seen."""
        if request.method != "POST":
            return super().change_view(request, object_id, *args, **kwargs)
        before = self.get_object(request, object_id)
        if before is None:
            raise Http404
        if not self.has_change_permission(request, before):
            raise PermissionDenied
        row = Entitlement.objects.get(pk=before.pk)  # the form writes into its own
        form = self.get_form(request, row, change=True)(request.POST, instance=row)
        if not form.is_valid():
            response = super().change_view(request, object_id, *args, **kwargs)
            response.status_code = 422
            return response
        if changes_level(before, row) and "_confirmed" not in request.POST:
            is_current = form.cleaned_data["seen"] == before.revision
            refusal = None if is_current else _outdated(form, before)
            return self._preview(request, before, form, refusal)

        def save() -> None:
            save_entitlement(row, by=user_of(request), seen=form.cleaned_data["seen"])

        if refusal := try_save(request, form, save):
            return self._preview(request, before, form, refusal)
        self.log_change(request, row, _what(form))
        saved = f"{row} is saved."
        if row.revision == before.revision:
            messages.success(request, saved)
        else:
            follow(request, saved)
        return redirect(request.path)

    def _preview(
        self, request: HttpRequest, before: Entitlement, form: Any, refusal: Refusal | None
    ) -> HttpResponse:
        """Show what the form would change.

        Nothing is saved yet, and nothing can be if someone else has changed the entitlement first.
        """
        crumbs = [
            Crumb("Entitlements", reverse("admin:workorders_entitlement_changelist")),
            Crumb(str(before), request.path),
        ]
        effect = effect_of(change_of_terms(before, terms(form.instance))) if not refusal else None
        own = {
            "title": f"Change the service level of {before}",
            "opts": self.opts,
            "media": self.media,
            "form": form,
            "was": promise(before),
            "becomes": promise(form.instance),
            "renamed": form.instance.name if form.instance.name != before.name else "",
            "effect": effect_in_words(effect) if effect else "",
            "has_pending_revision": has_pending_revision(before),
            "crumbs": crumbs,
            "here": "Preview",
        }
        page = self.admin_site.each_context(request) | own
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/entitlement_preview.html", page, status=status)


def _what(form: Any) -> Any:
    return [{"changed": {"fields": [str(form.fields[name].label) for name in form.changed_data]}}]


def _outdated(form: Any, before: Entitlement) -> Refusal:
    form.add_error(
        None,
        f"{before} has been changed by someone else and now promises {promise(before)}."
        " Look at it again.",
    )
    return Refusal(409)


@admin.register(CarrierService)
class CarrierServiceAdmin(admin.ModelAdmin[CarrierService]):
    fields = ["carrier", "service", "transit_business_days", "tracking_url"]
    list_display = ["carrier", "service", "transit_business_days"]
    search_fields = ["carrier", "service"]
