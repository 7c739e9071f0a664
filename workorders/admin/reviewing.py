"""The review of reasons for delay: one page for a single reason, and one for several."""

from collections.abc import Sequence
from copy import copy
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Value
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.people.requests import user_of
from workorders.admin.answers import Crumb, Refusal, form_page, try_save
from workorders.admin.fetching import chosen_keys
from workorders.admin.files import files_for_admin
from workorders.forms.reviewing import VerdictForm
from workorders.history.evidence import findings
from workorders.history.visibility import comments_for, contact_attempts_for, with_subjects
from workorders.history.wording import describe_entries, description_of
from workorders.models import MissedSLAReason, Verdict
from workorders.models.ledger import Event
from workorders.models.reasons import waiting, with_facts
from workorders.permissions import role_may
from workorders.services import last_verdict, newest_verdict, review_reason, review_reasons
from workorders.states import DelayReason, Verb
from workorders.targets.due import due_of, late_text
from workorders.targets.explaining import explain

LIST = "admin:workorders_missedslareason_changelist"
FACTS = {
    1: "The portal’s own facts agree",
    0: "The portal has no facts about it",
    -1: "The portal’s own facts contradict it",
}
OF_DATES = (
    Event.TARGET_MOVED,
    Event.EDD_FOLLOWED,
    Event.SHIPMENT_ADDED,
    Event.SHIPMENT_UPDATED,
    Event.HOLD_CORRECTED,
)


def may_review(request: HttpRequest) -> bool:
    return role_may(user_of(request), Verb.REVIEW_REASON)


def review_page(
    admin: ModelAdmin[MissedSLAReason], request: HttpRequest, reason: MissedSLAReason
) -> HttpResponse:
    """Show a reason and, on POST, save the verdict and go on to the list or the next reason."""
    if request.method == "POST" and not may_review(request):
        raise PermissionDenied
    last = last_verdict(reason)
    form = VerdictForm(request.POST or None, initial={"seen": last.pk if last else 0})

    def save() -> None:
        review_reason(reason, **form.cleaned_data, by=user_of(request))

    refusal = try_save(request, form, save) if request.method == "POST" else None
    if request.method == "POST" and refusal is None:
        number, verdict = reason.work_order.number, form.cleaned_data["kind"].label
        messages.success(request, f"{number}: {verdict}.")
        return _onwards(admin, request, reason)
    return _screen(admin, request, reason, form if may_review(request) else None, refusal)


def _onwards(
    admin: ModelAdmin[MissedSLAReason], request: HttpRequest, reason: MissedSLAReason
) -> HttpResponse:
    """Go to the next reason in the person's list, in its order, or back to that list."""
    filters = request.GET.get("_changelist_filters") or "review=waiting"
    if "_next" in request.POST:
        waiting_rows = _rows_under(admin, request, filters).filter(waits=True)
        if following := waiting_rows.exclude(pk=reason.pk).first():
            address = reverse("admin:workorders_missedslareason_change", args=[following.pk])
            return redirect(f"{address}?{urlencode({'_changelist_filters': filters})}")
        messages.info(request, "No more reasons are waiting.")
    return redirect(f"{reverse(LIST)}?{filters}")


def _rows_under(admin: ModelAdmin[MissedSLAReason], request: HttpRequest, filters: str) -> Any:
    """Return the list's rows under these filters.

    If one of them is invalid, return all reasons that are waiting.
    """
    filtered = copy(request)
    filtered.GET = QueryDict(filters)
    try:
        return admin.get_changelist_instance(filtered).queryset
    except IncorrectLookupParameters:
        return waiting(timezone.now()).annotate(waits=Value(value=True))


def _screen(
    admin: ModelAdmin[MissedSLAReason],
    request: HttpRequest,
    reason: MissedSLAReason,
    form: VerdictForm | None,
    refusal: Refusal | None,
) -> HttpResponse:
    user, work_order = user_of(request), reason.work_order
    shipments = list(work_order.shipments.all())
    facts = with_facts(MissedSLAReason.objects.filter(pk=reason.pk))
    moves = with_subjects(work_order.ledger.filter(event__in=OF_DATES))
    own: dict[str, Any] = {
        "title": f"{reason.get_reason_display()} · {work_order.number}",
        "opts": admin.opts,
        "media": admin.media,
        "reason": reason,
        "description": description_of(DelayReason(reason.reason)),
        "work_order": work_order,
        "zone": work_order.site.zone,
        "due": due_of(work_order),
        "why": explain(work_order, shipments, work_order.holds.all()),
        "form": form,
        "verdicts": _verdicts(reason),
        "facts": FACTS[facts.values_list("facts", flat=True)[0]],
        "findings": findings(work_order, user),
        "dates": describe_entries(moves, user),
        "appointments": work_order.appointments.select_related("missed_sla", "booked_by"),
        "attempts": contact_attempts_for(user, work_order),
        "holds": work_order.holds.all(),
        "comments": comments_for(user, work_order),
        **files_for_admin(work_order, user, may_change=False),
    }
    page = admin.admin_site.each_context(request) | own
    status = refusal.status if refusal else 200
    return TemplateResponse(request, "admin/review.html", page, status=status)


def _verdicts(reason: MissedSLAReason) -> list[Verdict]:
    files = Prefetch("answer__files")
    return list(reason.verdicts.select_related("by", "answer__author").prefetch_related(files))


def review_several(admin: ModelAdmin[MissedSLAReason], request: HttpRequest) -> HttpResponse:
    """Give one verdict on several reasons of the same name."""
    if not may_review(request):
        raise PermissionDenied
    chosen = admin.get_queryset(request).filter(pk__in=chosen_keys(admin, request))
    rows = list(chosen.order_by("pk"))
    form = VerdictForm(request.POST or None, initial={"seen": newest_verdict(rows)})
    waiting_list = f"{reverse(LIST)}?review=waiting"

    def save() -> None:
        review_reasons(rows, **form.cleaned_data, by=user_of(request))

    refusal = try_save(request, form, save) if request.method == "POST" else None
    if request.method == "POST" and refusal is None:
        messages.success(request, f"{len(rows)} reasons: {form.cleaned_data['kind'].label}.")
        return redirect(waiting_list)
    return form_page(
        admin,
        request,
        form,
        title=f"Review {len(rows)} reasons",
        about=_same_reason(rows),
        listed=list(map(_in_short, rows)),
        refusal=refusal,
        back=waiting_list,
        crumbs=[Crumb("Reasons waiting", waiting_list)],
        here="Review several",
    )


def _same_reason(rows: Sequence[MissedSLAReason]) -> str:
    if not rows:
        return "No reason was chosen."
    reasons = {DelayReason(row.reason) for row in rows}
    if len(reasons) > 1:
        return "These are different reasons: go back and choose some of the same."
    reason = reasons.pop()
    return f"{reason.label}: {description_of(reason)}"


def _in_short(row: Any) -> SafeString:
    """Describe one of several reasons, with a link to all that is known about it."""
    work_order, late = row.work_order, late_text(row.business_days_late)
    about = f"{work_order.partner}, {late}. {FACTS[row.facts]}."
    if row.note:
        about += f" “{row.note}”"
    url = reverse("admin:workorders_missedslareason_change", args=[row.pk])
    return format_html('<a href="{}">{}</a> {}', url, work_order.number, about)
