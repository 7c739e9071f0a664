"""Why partners missed a Target SLA: read, reviewed, filtered and exported."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.people.requests import user_of
from workorders.admin.missed_sla_filters import (
    FACTS,
    FactsFilter,
    MonthFilter,
    ReasonFilter,
    ReviewFilter,
)
from workorders.admin.reviewing import may_review, review_page, review_several
from workorders.admin.searched_filter import SearchedFilter
from workorders.admin.site import LookingUp
from workorders.exports.files import CSV, XLSX, sent_rows
from workorders.exports.missed_sla_reasons import reason_rows
from workorders.models import MissedSLAReason, WorkOrder
from workorders.models.reasons import waiting, with_facts, with_verdict
from workorders.models.waiting import waits_for
from workorders.models.waits import of_todo
from workorders.states import VerdictKind
from workorders.templatetags.dates import date_time, day
from workorders.templatetags.words import reason_with_description

FIELDS: Any = [
    "work_order_number",
    "partner",
    "territory",
    "shown_reason",
    "note",
    "target",
    "appointment",
    "business_days_late",
    "given_by",
    "given",
]


def _is_of_waiting(request: HttpRequest) -> bool:
    return request.GET.get("review") == "waiting"


@admin.register(MissedSLAReason)
class MissedSLAReasonAdmin(LookingUp):
    list_display = [  # what it is reviewed by must not be beyond the edge of the screen
        "numbered",
        "explained",
        "days_waiting",
        "portal_says",
        "target",
        "appointment",
        "business_days_late",
        "given",
        "shown_verdict",
    ]
    list_display_links = ["explained"]
    fields = FIELDS
    readonly_fields = FIELDS
    list_filter = [
        ReviewFilter,
        FactsFilter,
        ReasonFilter,
        MonthFilter,
        ("work_order__partner", SearchedFilter),
        "work_order__territory",
    ]
    search_fields = ["work_order__number"]
    sortable_by = ["given", "business_days_late", "portal_says", "days_waiting"]
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = ["review_selected"]
    change_list_template = "admin/missed_sla_reasons.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[MissedSLAReason]:
        related = (
            "work_order__site",
            "work_order__partner",
            "work_order__territory",
            "given_by__partner",
        )
        waiting_too = waiting(timezone.now()).order_by().filter(pk=OuterRef("pk"))
        rows = with_facts(with_verdict(MissedSLAReason.objects.select_related(*related)))
        annotated: QuerySet[MissedSLAReason] = rows.annotate(waits=Exists(waiting_too))
        return annotated

    def get_ordering(self, request: HttpRequest) -> Any:
        """Order reasons that wait by age, the oldest first; otherwise the newest come first."""
        return ["waiting_since", "pk"] if _is_of_waiting(request) else ["-given_at", "-pk"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if search_term.strip():
            queryset = queryset.filter(
                work_order__in=WorkOrder.objects.visible_to(request.user).search(search_term)
            )
        return queryset, False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: MissedSLAReason | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: MissedSLAReason | None = None
    ) -> bool:
        return False

    # --- Review
    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        reason = self.get_object(request, object_id)
        if reason is None:
            raise Http404
        if not self.has_view_permission(request, reason):
            raise PermissionDenied
        return review_page(self, request, reason)

    def has_review_permission(self, request: HttpRequest) -> bool:
        return may_review(request)

    @admin.action(description="Review the selected reasons together", permissions=["review"])
    def review_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase:
        keys = list(queryset.values_list("pk", flat=True))
        at_most = self.list_per_page
        if len(keys) > at_most:
            messages.warning(request, f"{len(keys)} were selected: here are the first {at_most}.")
        chosen = ",".join(map(str, keys[:at_most]))
        return redirect(f"{reverse('admin:workorders_missedslareason_review')}?keys={chosen}")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list and, beside it, late work without an appointment or a reason."""
        name = of_todo("unbooked")
        number = waits_for(user_of(request), timezone.now()).numbers([name])[name]
        context = (extra_context or {}) | {"unbooked": number}
        if _is_of_waiting(request):
            context["title"] = "Reasons waiting for a verdict"
        return super().changelist_view(request, context)

    @admin.display(description="days waiting", ordering=F("waiting_since").desc(), empty_value="")
    def days_waiting(self, row: Any) -> int | None:
        """Count from when staff had something to review: the reason, or the partner's answer."""
        return (timezone.now() - row.waiting_since).days if row.waits else None

    @admin.display(description="the portal’s facts", ordering="facts")
    def portal_says(self, row: Any) -> str:
        return FACTS[row.facts]

    @admin.display(description="verdict")
    def shown_verdict(self, row: Any) -> str:
        verdict = VerdictKind(row.verdict).label if row.verdict else "none yet"
        return f"{verdict}, answered" if row.answered else verdict

    # --- What is shown
    @admin.display(description="work order")
    def work_order_number(self, row: MissedSLAReason) -> SafeString:
        """Link the work order as the partner sees it."""
        number = row.work_order.number
        return format_html('<a href="{}">{}</a>', reverse("work-order", args=[number]), number)

    @admin.display(description="work order")
    def numbered(self, row: MissedSLAReason) -> SafeString:
        return format_html(
            '{}<small class="about">{}</small>', self.work_order_number(row), row.partner
        )

    @admin.display(description="reason for delay")
    def explained(self, row: MissedSLAReason) -> SafeString:
        note = format_html('<small class="about">“{}”</small>', row.note) if row.note else ""
        return format_html("{}{}", reason_with_description(row.reason), note)

    @admin.display(description="partner")
    def partner(self, row: MissedSLAReason) -> str:
        return str(row.partner)

    @admin.display(description="territory")
    def territory(self, row: MissedSLAReason) -> str:
        return str(row.work_order.territory)

    @admin.display(description="reason for delay")
    def shown_reason(self, row: MissedSLAReason) -> SafeString:
        return reason_with_description(row.reason)

    @admin.display(description="Target SLA")
    def target(self, row: MissedSLAReason) -> SafeString | str:
        return day(row.target_on)

    @admin.display(description="appointment")
    def appointment(self, row: MissedSLAReason) -> SafeString | str:
        return date_time(row.appointment_at, row.work_order.site.zone)

    @admin.display(description="given", ordering="given_at")
    def given(self, row: MissedSLAReason) -> SafeString | str:
        at = date_time(row.given_at, row.work_order.site.zone)
        return format_html('{}<small class="about">{}</small>', at, row.given_by)

    # --- Export
    def get_urls(self) -> list[URLPattern]:
        def page(name: str, view: Callable[..., HttpResponseBase]) -> URLPattern:
            guarded = self.admin_site.admin_view(view)
            url_name = f"workorders_missedslareason_{name}"
            return path(f"{name}/", guarded, name=url_name)

        several = partial(review_several, self)
        workbook = self.admin_site.admin_view(partial(self.export, ending=XLSX))
        return [
            page("export", self.export),
            path("export.xlsx", workbook, name="workorders_missedslareason_export_xlsx"),
            page("review", several),
            *super().get_urls(),
        ]

    def export(self, request: HttpRequest, ending: str = CSV) -> HttpResponseBase:
        """Export the rows of the filtered list."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            rows = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return redirect("admin:workorders_missedslareason_changelist")
        name = f"missed-sla-reasons-{timezone.now():%Y-%m-%d}"
        return sent_rows(reason_rows(rows), name, ending, to=user_of(request))
