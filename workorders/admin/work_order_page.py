"""What the admin's page of a work order shows, all of it read-only."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest

from portal.people.models import User
from portal.people.requests import user_of
from workorders.admin.action_pages import links, shipment_links
from workorders.admin.files import files_for_admin
from workorders.admin.holds import hold_links
from workorders.fieldwork.returns_and_reports import state_of
from workorders.history.visibility import (
    comments_for,
    contact_attempts_for,
    note_of_status,
    with_subjects,
)
from workorders.history.wording import describe_entries
from workorders.models import PastAssignment, Shipment, WorkOrder
from workorders.permissions import linked
from workorders.targets.due import due_of
from workorders.targets.explaining import explain
from workorders.templatetags.words import reason_with_description

LEDGER_SHOWN = 12


def work_order_page_context(
    admin: ModelAdmin[WorkOrder], request: HttpRequest, work_order: WorkOrder
) -> dict[str, Any]:
    user = user_of(request)
    may_change = admin.has_change_permission(request, work_order)
    shipments = list(work_order.shipments.prefetch_related("parts"))
    holds = list(work_order.holds.all())
    has_visits = work_order.visited_on or work_order.was_sent_back
    reasons = work_order.missed_sla_reasons.select_related("given_by")
    return {
        "title": f"{work_order.number} · {work_order.subject}",
        "opts": admin.opts,
        "media": admin.media,
        "work_order": work_order,
        "zone": work_order.site.zone,
        "due": due_of(work_order),
        "earlier_partners": _earlier_partners(work_order),
        "why_ended": _why_ended(work_order, user),
        "asked_for": _asked_for(work_order),
        "linked": linked(user, work_order),
        "may_change": may_change,
        "links": links(work_order, user) if may_change else [],
        **_parts(request, work_order, shipments, may_change=may_change),
        "reasons": [(row, reason_with_description(row.reason)) for row in reasons],
        "comments": comments_for(user, work_order),
        "holds": hold_links(work_order, holds, user if may_change else None),
        **files_for_admin(work_order, user, may_change=may_change),
        "why": explain(work_order, shipments, holds),
        "line_items": work_order.line_items.select_related("done_by"),
        "attempts": contact_attempts_for(user, work_order)[:LEDGER_SHOWN],
        "visits": work_order.visits.all() if has_visits else (),
        **_ledger(request, work_order),
    }


def _earlier_partners(work_order: WorkOrder) -> list[PastAssignment]:
    if work_order.partner_since is None:
        return []
    return list(work_order.past_assignments.select_related("partner"))


def _why_ended(work_order: WorkOrder, reader: User) -> str:
    """Explain the status: why the work order could not be completed, with the note."""
    note = note_of_status(reader, work_order)
    words = [work_order.get_give_up_reason_display(), f"“{note}”" if note else ""]
    return " ".join(filter(None, words))


def _asked_for(work_order: WorkOrder) -> list[str]:
    asked = {
        "parts": work_order.parts_required,
        "images": work_order.images_required,
        "old parts back": work_order.return_parts_required,
    }
    return [what for what, is_asked in asked.items() if is_asked]


def _parts(
    request: HttpRequest, work_order: WorkOrder, shipments: list[Shipment], *, may_change: bool
) -> dict[str, Any]:
    """List each shipment with its labels and links, and each report with its state and photos."""
    user = user_of(request)
    files = work_order.files.visible_to(user).of_parts()
    labels, photos = files.by("shipment_id"), files.by("part_report_id")
    reports = work_order.part_reports.select_related("shipment", "reported_by", "replacement")
    return {
        "shipments": [
            (
                shipment,
                labels.get(shipment.pk, ()),
                shipment_links(work_order, shipment, user) if may_change else [],
            )
            for shipment in shipments
        ],
        "reports": [(report, state_of(report), photos.get(report.pk, ())) for report in reports],
    }


def _ledger(request: HttpRequest, work_order: WorkOrder) -> dict[str, Any]:
    """Return the newest entries, and whether there are more."""
    entries = with_subjects(work_order.ledger.order_by("-pk"))
    newest = list(entries[: LEDGER_SHOWN + 1])
    return {
        "ledger": describe_entries(newest[:LEDGER_SHOWN], user_of(request)),
        "ledger_goes_on": len(newest) > LEDGER_SHOWN,
    }
