"""Work orders in the admin: the list, and a read-only page with links to every action."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.people.models import Partner, User
from portal.people.requests import user_of
from portal.people.roles import Role
from workorders.admin.action_pages import action_page
from workorders.admin.actions import ACTIONS, SHIPMENT_ACTIONS
from workorders.admin.alerts import BEYOND_CALENDAR
from workorders.admin.day import TodoFilter, longest_first
from workorders.admin.entering import FIELDSETS, add_work_order_page, edit_page
from workorders.admin.exporting import export_urls
from workorders.admin.fetching import get_viewable_or_404
from workorders.admin.files import FILE_PAGES, label_page
from workorders.admin.holds import correct_page
from workorders.admin.imports import IMPORTS, import_urls
from workorders.admin.searched_filter import SearchedFilter
from workorders.admin.site import LookingUp
from workorders.admin.twins import twins_page
from workorders.admin.work_order_page import work_order_page_context
from workorders.filters import SLA
from workorders.forms.entering import WorkOrderForm
from workorders.models import PartReport, WorkOrder
from workorders.models.queries import sla_filter
from workorders.models.waiting import waits_for
from workorders.models.waits import of_todo
from workorders.services import read_thread
from workorders.targets.due import due_of
from workorders.targets.terms import load_calendars
from workorders.templatetags.dates import date_time, day, distance

NAMESAKES = 20  # partners or people whose work a search may find


class SlaFilter(admin.SimpleListFilter):
    title = "Target SLA"
    parameter_name = "sla"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [
            *SLA.items(),
            ("overdue", "Parts overdue"),
            ("calendar", "Calendar does not reach it"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[WorkOrder]) -> QuerySet[WorkOrder]:
        name, now = self.value() or "", timezone.now()
        if name == "calendar":
            return queryset.filter(BEYOND_CALENDAR)
        waits = waits_for(user_of(request), now)
        if name == "overdue":
            return queryset.filter(waits.named(of_todo("overdue")))
        return queryset.filter(sla_filter(name, now, waits))


class ReportedPartsFilter(admin.SimpleListFilter):
    title = "Parts damaged or missing"
    parameter_name = "reported"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("open", "Waiting for us"), ("any", "Ever reported")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[WorkOrder]) -> QuerySet[WorkOrder]:
        if self.value() not in ("open", "any"):
            return queryset
        reports = PartReport.objects.all()
        if self.value() == "open":
            reports = reports.filter(settled_at=None)
        return queryset.filter(pk__in=reports.values("work_order"))


class ByNumbersValue(ChangeList):
    def get_ordering_field(self, field_name: Callable[..., Any] | str) -> Any:
        """Sort the column of the number by its value."""
        name = "number_by_value" if field_name == "number" else field_name
        return super().get_ordering_field(name)


@admin.register(WorkOrder)
class WorkOrderAdmin(LookingUp):
    form = WorkOrderForm
    fieldsets = FIELDSETS
    autocomplete_fields = ["partner", "site", "station"]
    list_display = [
        "number",
        "target",
        "status_and_why",
        "appointment_date",
        "subject",
        "partner",
        "account",
        "territory",
        "case_number",
    ]
    list_filter = [
        TodoFilter,
        SlaFilter,
        ReportedPartsFilter,
        "status",
        "work_type",
        ("partner", SearchedFilter),
        "territory",
    ]
    search_fields = ["number"]
    ordering = ["-number_by_value"]
    sortable_by = ["number", "target"]
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None
    change_list_template = "admin/work_orders.html"

    # --- The list
    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkOrder]:
        return WorkOrder.objects.visible_to(request.user).with_facts()

    def get_ordering(self, request: HttpRequest) -> Any:
        return longest_first(request.GET.get("todo", "")) or self.ordering

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Also the work of a partner or a technician with this in their name, and of whoever has
        this very name or e-mail address.
        """
        found, term = queryset.search(search_term), search_term.strip()
        if not term:
            return found, False
        named = Q(role=Role.TECHNICIAN, name__icontains=term)
        these = named | Q(name__iexact=term) | Q(email__iexact=term)
        people = User.objects.filter(these).select_related("partner")
        known = list(people.exclude(role=Role.STAFF)[:NAMESAKES])
        partners = list(Partner.objects.filter(name__icontains=term)[:NAMESAKES])
        of = {*partners, *(each.partner for each in known if each.role != Role.TECHNICIAN)}
        if of:
            found |= queryset.filter(partner__in=of)
        if technicians := [each for each in known if each.role == Role.TECHNICIAN]:
            found |= queryset.filter(appointment__technician__in=technicians)
        return found, False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ByNumbersValue

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        load_calendars({row.territory_id: row.territory for row in changelist.result_list}.values())
        return changelist

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        user = user_of(request)
        imports = [pages for pages in IMPORTS if pages.is_open_to(user)]
        return super().changelist_view(
            request, (extra_context or {}) | {"title": "Work orders", "imports": imports}
        )

    @admin.display(description="account")
    def account(self, work_order: WorkOrder) -> str:
        return str(work_order.site.account)

    @admin.display(description="Target SLA", ordering="target_on")
    def target(self, work_order: WorkOrder) -> SafeString:
        due = due_of(work_order)
        return format_html(
            '<span class="due {}">{} <small>{}</small></span>',
            due.state,
            day(due.on),
            distance(due),
        )

    @admin.display(description="status")
    def status_and_why(self, work_order: WorkOrder) -> SafeString | str:
        status, why = work_order.get_status_display(), work_order.get_give_up_reason_display()
        return format_html("{} <small>{}</small>", status, why) if why else status

    @admin.display(description="appointment")
    def appointment_date(self, work_order: WorkOrder) -> SafeString | str:
        at = work_order.appointment.at if work_order.appointment else None
        return date_time(at, work_order.site.zone)

    # --- One work order
    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the work order read-only. Every change is an action with its own page."""
        work_order = get_viewable_or_404(self, request, object_id)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if request.method == "GET":
            read_thread(work_order, by=user_of(request))
        page = self.admin_site.each_context(request) | work_order_page_context(
            self, request, work_order
        )
        return TemplateResponse(request, "admin/work_order.html", page)

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return add_work_order_page(self, request)

    def history_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the ledger: the admin's own log knows nothing about work orders."""
        work_order = get_viewable_or_404(self, request, object_id)
        return redirect(reverse("history", args=[work_order.number]))

    def has_delete_permission(self, request: HttpRequest, obj: WorkOrder | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Any, name: str, **kwargs: Any) -> URLPattern:
            guarded = self.admin_site.admin_view(partial(view, self))
            return path(route, guarded, kwargs, name=f"workorders_workorder_{name}")

        shipment = "<int:pk>/shipments/<int:shipment_pk>"
        files = [
            page(f"<int:pk>/files/{route}", view, f"file_{name}")
            for route, view, name in FILE_PAGES
        ]
        actions = [
            page(f"<int:pk>/{action.name}/", action_page, action.name, action=action)
            for action in ACTIONS
        ]
        shipment_actions = [
            page(
                f"{shipment}/{action.name}/", action_page, f"shipment_{action.name}", action=action
            )
            for action in SHIPMENT_ACTIONS
        ]
        return [
            page("twins/", twins_page, "twins"),
            *export_urls(page),
            *import_urls(page),
            page("<int:pk>/edit/", edit_page, "edit"),
            page("<int:pk>/holds/<int:hold_pk>/correct/", correct_page, "hold_correct"),
            page(f"{shipment}/label/", label_page, "shipment_label"),
            *files,
            *actions,
            *shipment_actions,
            *super().get_urls(),
        ]

    # --- The form's lookups
    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        related_admin = self.admin_site.get_model_admin(db_field.related_model)
        if looked_up := getattr(related_admin, "looked_up", None):
            field.label_from_instance = looked_up
        return field

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Put a + beside what may have to be added with the work order, and no other links."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field.widget if field else None, RelatedFieldWidgetWrapper):
            field.widget.can_add_related &= db_field.name in ("site", "station")
            field.widget.can_change_related = False
            field.widget.can_delete_related = False
            field.widget.can_view_related = False
        return field
