"""Proposed changes to business calendars: what would differ and move, and staff's decision."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from portal.people.requests import user_of
from workorders.admin.answers import Crumb, Refusal, try_save
from workorders.admin.effects import effect_in_words, follow
from workorders.admin.territories import weekend_in_words
from workorders.forms.calendars import DecisionForm
from workorders.models import CalendarProposal
from workorders.services import DomainError
from workorders.services.calendars.proposals import (
    approve,
    change_of,
    changed_calendar,
    oddities,
    reject,
)
from workorders.services.calendars.recalculating import change_of_calendar, effect_of
from workorders.services.following import has_pending_revision


class VerdictFilter(admin.SimpleListFilter):
    title = "verdict"
    parameter_name = "verdict"
    VERDICTS = {"open": "", "approved": "approved", "rejected": "rejected"}

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(name, name.capitalize()) for name in self.VERDICTS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        name = self.value() or ""
        return queryset.filter(verdict=self.VERDICTS[name]) if name in self.VERDICTS else queryset


class ProposalPreview(NamedTuple):
    """What the accepted lines would do, and what looks odd, or why they cannot be accepted."""

    effect: str = ""
    oddities: Collection[str] = ()
    problem: str = ""


def preview(proposal: CalendarProposal, keys: Collection[int]) -> ProposalPreview:
    taken = [line for line in proposal.days.all() if line.pk in keys]
    try:
        calendar = changed_calendar(proposal.territory, change_of(proposal, taken))
    except DomainError as refused:
        return ProposalPreview(problem=refused.message)
    effect = effect_of(change_of_calendar(proposal.territory, calendar))
    return ProposalPreview(effect_in_words(effect), oddities(calendar))


@admin.register(CalendarProposal)
class CalendarProposalAdmin(admin.ModelAdmin[CalendarProposal]):
    list_display = ["territory", "what", "state", "proposed_by", "made_at", "decided_by"]
    list_display_links = ["territory", "what"]
    list_filter = [VerdictFilter, "territory"]
    list_select_related = ["territory", "made_by", "decided_by"]
    ordering = [Case(When(verdict="", then=Value(0)), default=Value(1)), "-made_at"]
    sortable_by = ["made_at"]
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[CalendarProposal]:
        return super().get_queryset(request).prefetch_related("days")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: CalendarProposal | None = None
    ) -> bool:
        return False

    @admin.display(description="what would change")
    def what(self, proposal: CalendarProposal) -> str:
        return proposal.summary

    @admin.display(description="verdict")
    def state(self, proposal: CalendarProposal) -> str:
        return proposal.get_verdict_display() or "Open"

    @admin.display(description="proposed by")
    def proposed_by(self, proposal: CalendarProposal) -> str:
        return maker_of(proposal)

    # --- The page of one
    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the difference, its effect, and the decision."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        proposal = self.get_object(request, object_id)
        if proposal is None:
            messages.warning(
                request,
                "This proposal no longer exists: a newer one may have replaced it.",
            )
            return redirect("admin:workorders_calendarproposal_changelist")
        if request.method != "POST":
            return self._page(request, proposal, DecisionForm(proposal))
        if not self.has_change_permission(request, proposal):
            raise PermissionDenied
        form = DecisionForm(proposal, request.POST)
        if "_effect" in request.POST:
            return self._page(request, proposal, form, None if form.is_valid() else Refusal(422))
        refusal = try_save(request, form, lambda: self._decide(request, proposal, form))
        if refusal:
            return self._page(
                request, self.get_object(request, object_id) or proposal, form, refusal
            )
        return redirect(request.path)

    def _decide(self, request: HttpRequest, proposal: CalendarProposal, form: DecisionForm) -> None:
        """Decide. Raises what `approve` and `reject` raise.

        An approval is final, even if what follows it fails.
        """
        by, note = user_of(request), form.cleaned_data["note"]
        if "_reject" in request.POST:
            reject(proposal, note=note, by=by)
            messages.success(request, "Rejected. The calendar stays as it is.")
        elif "_approve" in request.POST:
            territory = approve(proposal, lines=form.ticked, note=note, by=by)
            follow(request, f"Approved: revision {territory.revision} of {territory}.")
        else:
            raise DomainError("Approve or reject?")

    def _page(
        self,
        request: HttpRequest,
        proposal: CalendarProposal,
        form: DecisionForm,
        refusal: Refusal | None = None,
    ) -> HttpResponse:
        territory = proposal.territory
        own = {
            "title": f"Calendar of {territory}: {proposal.summary}",
            "opts": self.opts,
            "media": self.media,
            "proposal": proposal,
            "proposed_by": maker_of(proposal),
            "weekend": None if proposal.weekend is None else weekend_in_words(proposal.weekend),
            "was_weekend": weekend_in_words(territory.weekend),
            "choices": _choices(proposal),
            "form": form,
            "lines": [(line, line.pk in form.ticked) for line in form.days],
            "preview": preview(proposal, form.ticked) if proposal.is_open else None,
            "has_pending_revision": has_pending_revision(territory),
            "may_decide": proposal.is_open and self.has_change_permission(request, proposal),
            "crumbs": [
                Crumb("Calendar proposals", reverse("admin:workorders_calendarproposal_changelist"))
            ],
        }
        page = self.admin_site.each_context(request) | own
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/proposal.html", page, status=status)


def _choices(proposal: CalendarProposal) -> list[tuple[str, Collection[str]]]:
    """List the choices that the territory would keep, if they change."""
    named = [
        ("Never closes for", proposal.never_closes),
        ("Always closes for", proposal.always_closes),
    ]
    return [(label, names) for label, names in named if names]


def maker_of(proposal: CalendarProposal) -> str:
    return str(proposal.made_by) if proposal.made_by else "refresh_calendars"
