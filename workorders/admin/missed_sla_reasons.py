"""Why partners missed a Target SLA: read, judged, filtered and exported."""

import datetime as dt
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from workorders.admin.reviewing import may_review, review_page, review_several
from workorders.csv_files import csv_lines
from workorders.models import MissedSLAReason, WorkOrder
from workorders.models.reasons import waiting, wanting_an_answer, with_facts, with_verdict
from workorders.models.todos import TODOS
from workorders.states import DelayReason, VerdictKind
from workorders.templatetags.dates import day, moment
from workorders.wording import description_of

MONTHS = 13  # that the filter offers


def described(reason: str) -> SafeString:
    """A reason's name, never without its description."""
    known = DelayReason(reason)
    return format_html('{}<small class="about">{}</small>', known.label, description_of(known))


class ReasonFilter(admin.SimpleListFilter):
    title = "reason"
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(reason.value, described(reason)) for reason in DelayReason]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(reason=self.value()) if self.value() in DelayReason.values else queryset


class ReviewFilter(admin.SimpleListFilter):
    title = "review"
    parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("waiting", "Waiting for a verdict"), ("asked", "Waiting for the partner"), *VerdictKind.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now, name = timezone.now(), self.value()
        if name in ("waiting", "asked"):
            rows = waiting(now) if name == "waiting" else wanting_an_answer(now)
            return queryset.filter(pk__in=rows.values("pk"))
        return queryset.filter(verdict=name) if name in VerdictKind.values else queryset


class MonthFilter(admin.SimpleListFilter):
    """By the month (UTC) in which the reason was given; the months come from today, not from the rows."""

    title = "month given"
    parameter_name = "month"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        now = timezone.now()
        months = [_month(now, -back) for back in range(MONTHS)]
        return [(f"{month:%Y-%m}", f"{month:%B %Y}") for month in months]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        try:
            first = dt.datetime.strptime(self.value() or "", "%Y-%m").replace(tzinfo=dt.UTC)
            return queryset.filter(given_at__gte=first, given_at__lt=_month(first, 1))
        except ValueError:
            return queryset


def _month(instant: dt.datetime, further: int) -> dt.datetime:
    """The beginning of the month so many months after (or before) that of the instant. Raises ValueError after 9999."""
    year, month = divmod(instant.year * 12 + instant.month - 1 + further, 12)
    return dt.datetime(year, month + 1, 1, tzinfo=dt.UTC)


FIELDS: Any = [
    *("work_order_number", "partner", "territory", "shown_reason", "note", "target", "appointment"),
    *("business_days_late", "given_by", "given"),
]


@admin.register(MissedSLAReason)
class MissedSLAReasonAdmin(admin.ModelAdmin):
    list_display = [
        *("work_order_number", "partner", "shown_reason", "note", "target", "appointment", "business_days_late"),
        *("given_by", "given", "days_waiting", "portal_says", "shown_verdict"),
    ]
    list_display_links = ["shown_reason"]
    fields = FIELDS
    readonly_fields = FIELDS
    list_filter = [ReviewFilter, ReasonFilter, MonthFilter, "work_order__partner", "work_order__territory"]
    search_fields = ["work_order__number"]
    sortable_by = ["given", "business_days_late", "portal_says"]
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = ["review_selected"]
    change_list_template = "admin/missed_sla_reasons.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[MissedSLAReason]:
        known = ("work_order__site", "work_order__partner", "work_order__territory", "given_by")
        return with_facts(with_verdict(super().get_queryset(request).select_related(*known)))

    def get_ordering(self, request: HttpRequest) -> Any:
        """What waits, the oldest first; all of them, the newest."""
        return ["given_at", "pk"] if request.GET.get("review") == "waiting" else ["-given_at", "-pk"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if search_term.strip():
            queryset = queryset.filter(work_order__in=WorkOrder.objects.visible_to(request.user).search(search_term))
        return queryset, False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: MissedSLAReason | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: MissedSLAReason | None = None) -> bool:
        return False

    # --- Review
    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
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
        keys = ",".join(map(str, queryset.values_list("pk", flat=True)))
        return redirect(f"{reverse('admin:workorders_missedslareason_review')}?keys={keys}")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Beside the reasons, the work that has neither an appointment nor a reason."""
        unbooked = WorkOrder.objects.visible_to(request.user).filter(TODOS["unbooked"].condition(timezone.now()))
        return super().changelist_view(request, (extra_context or {}) | {"unbooked": unbooked.count()})

    @admin.display(description="days waiting")
    def days_waiting(self, row: Any) -> str:
        return "" if row.verdict and not row.answered else str((timezone.now() - row.given_at).days)

    @admin.display(description="the portal’s facts", ordering="facts")
    def portal_says(self, row: Any) -> str:
        return {1: "agree", 0: "say nothing", -1: "contradict"}[row.facts]

    @admin.display(description="verdict")
    def shown_verdict(self, row: Any) -> str:
        verdict = VerdictKind(row.verdict).label if row.verdict else "none yet"
        return f"{verdict}, answered" if row.answered else verdict

    # --- What is shown
    @admin.display(description="work order")
    def work_order_number(self, row: MissedSLAReason) -> SafeString:
        """Leads to the work order as the partner sees it."""
        number = row.work_order.number
        return format_html('<a href="{}">{}</a>', reverse("work-order", args=[number]), number)

    @admin.display(description="partner")
    def partner(self, row: MissedSLAReason) -> str:
        return str(row.work_order.partner)

    @admin.display(description="territory")
    def territory(self, row: MissedSLAReason) -> str:
        return str(row.work_order.territory)

    @admin.display(description="reason for delay")
    def shown_reason(self, row: MissedSLAReason) -> SafeString:
        return described(row.reason)

    @admin.display(description="Target SLA")
    def target(self, row: MissedSLAReason) -> SafeString | str:
        return day(row.target_on)

    @admin.display(description="appointment")
    def appointment(self, row: MissedSLAReason) -> SafeString | str:
        return moment(row.appointment_at, row.work_order.site.zone)

    @admin.display(description="given", ordering="given_at")
    def given(self, row: MissedSLAReason) -> SafeString | str:
        return moment(row.given_at, row.work_order.site.zone)

    # --- Export
    def get_urls(self) -> list[URLPattern]:
        export = path("export/", self.admin_site.admin_view(self.export), name="workorders_missedslareason_export")
        several = partial(review_several, self)
        review = path("review/", self.admin_site.admin_view(several), name="workorders_missedslareason_review")
        return [export, review, *super().get_urls()]

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """The rows of the list as it is filtered, as CSV."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            rows = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return redirect("admin:workorders_missedslareason_changelist")
        name = f"missed-sla-reasons-{timezone.now():%Y-%m-%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(csv_lines(_rows(rows)), content_type="text/csv; charset=utf-8", headers=headers)


COLUMNS = [
    *("Work Order Number", "Case", "Partner", "Service Territory", "Reason for Delay", "Description", "Note"),
    *("Target SLA", "Appointment Date", "Appointment at the site", "Business days late", "Given by", "Given at (UTC)"),
]


def _rows(rows: QuerySet[MissedSLAReason]) -> Iterator[list[str]]:
    yield COLUMNS
    yield from map(_cells, rows.iterator(chunk_size=1000))


def _cells(row: MissedSLAReason) -> list[str]:
    work_order = row.work_order
    return [
        work_order.number,
        work_order.case_number,
        work_order.partner.name,
        work_order.territory.name,
        row.get_reason_display(),
        description_of(DelayReason(row.reason)),
        row.note,
        row.target_on.isoformat(),
        row.appointment_on.isoformat(),
        row.appointment_at.astimezone(work_order.site.zone).isoformat(timespec="minutes"),
        str(row.business_days_late),
        row.given_by.name,
        row.given_at.astimezone(dt.UTC).isoformat(timespec="seconds"),
    ]
