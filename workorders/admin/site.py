"""The admin site, behind the portal's own login."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views as account
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.options import TO_FIELD_VAR
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.forms import Field, Media
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from workorders.admin.alerts import alerts
from workorders.admin.day import day_of


class Lookup(AutocompleteJsonView):
    """How people look something up: a site with its account, a station with its site."""

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        looked_up = getattr(self.model_admin, "looked_up", str)
        return super().serialize_result(obj, to_field_name) | {"text": looked_up(obj)}


class LookupSelect(AutocompleteSelect):
    """A select with words while nothing is chosen, because screen readers read them as its name."""

    def build_attrs(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().build_attrs(*args, **kwargs) | {
            "data-placeholder": f"Choose the {self.field.verbose_name}"
        }


class LookingUp(ModelAdmin[Any]):
    """A ModelAdmin with autocomplete_fields, or a `SearchedFilter`."""

    @property
    def media(self) -> Media:
        return super().media + LookupSelect(None, self.admin_site).media

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = LookupSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def _is_valid(field: Field, value: str) -> bool:
    try:
        field.clean(value)
    except ValidationError:
        return False
    return True


class PortalAdminSite(AdminSite):
    site_header = site_title = "Partner Portal"
    index_title = "Day"
    enable_nav_sidebar = False  # the lists need its place

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in staff with any right. The page of each model checks its own."""
        return bool(request.user.is_active and getattr(request.user, "may_administer", False))

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """Answer 403 to a partner's users, and to staff without any right.

        LoginRequired stops people who are not logged in before they get here.
        """
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def for_staff(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not self.has_permission(request):
                raise PermissionDenied
            if request.GET:
                setattr(request, "GET", self._readable(request))  # noqa: B010  typed as immutable
            response: HttpResponseBase = guarded(request, *args, **kwargs)
            return response

        return for_staff

    def _readable(self, request: HttpRequest) -> QueryDict:
        """Drop the values that the form for a new row would refuse: anyone can type an address."""
        query = request.GET.copy()
        if not query.get(TO_FIELD_VAR):
            query.pop(TO_FIELD_VAR, None)
        for name in self._refused_to_begin_with(request):
            del query[name]
        return query

    def _refused_to_begin_with(self, request: HttpRequest) -> list[str]:
        """Return the initial values that the form for a new row would refuse."""
        name = request.resolver_match.url_name if request.resolver_match else ""
        for model, admin in self._registry.items():
            if name == f"{model._meta.app_label}_{model._meta.model_name}_add":
                fields = admin.get_form(request).base_fields
                return [
                    each
                    for each in request.GET
                    if each in fields and not _is_valid(fields[each], request.GET[each])
                ]
        return []

    def autocomplete_view(self, request: HttpRequest) -> Any:
        return Lookup.as_view(admin_site=self)(request)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the lists, below what needs attention."""
        return super().index(
            request,
            (extra_context or {}) | {"day": day_of(request.user), "alerts": alerts(request.user)},
        )

    @login_not_required
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect to the portal's login, so that one page counts all failed attempts."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
        if not self.has_permission(request):
            raise PermissionDenied
        return redirect("admin:index")

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return redirect("own-password")

    def password_change_done(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return redirect("security")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return account.logout(request)
