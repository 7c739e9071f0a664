"""How the admin's pages answer: the form again with sentences, or done."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.contrib.admin.helpers import AdminForm
from django.contrib.admin.options import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from portal.people.requests import user_of
from workorders.dates import day_text
from workorders.forms.refusals import add_refusal
from workorders.history.wording import DescribedEntry, describe_entries
from workorders.models import LedgerEntry, WorkOrder
from workorders.services import DomainError, Doubtful, NotAllowed, Stale
from workorders.targets.due import Due, due_of


class Refusal(NamedTuple):
    """The HTTP status of the answer, what others have done since the page was made, and what is
    asked about: the form sent again is the answer.
    """

    status: int
    news: Sequence[DescribedEntry] = ()
    doubts: Sequence[str] = ()


class Link(NamedTuple):
    """A link to a page where something is done."""

    label: str
    url: str


class Crumb(NamedTuple):
    """A breadcrumb on the way to a page.

    Pages without crumbs of their own have the list of work orders as theirs.
    """

    label: str
    url: str


def try_save(request: HttpRequest, form: Any, save: Callable[[], object]) -> Refusal | None:
    """Save what the form holds.

    Return None if that worked. Otherwise the form says in sentences why nothing was saved.
    """
    if not form.is_valid():
        return Refusal(422)
    try:
        save()
    except NotAllowed as error:
        raise PermissionDenied(str(error)) from error
    except Doubtful as asked:
        form.data = form.data.copy()
        form.data["confirmed"] = asked.key
        return Refusal(200, doubts=asked.doubts)
    except DomainError as error:
        return Refusal(add_refusal(form, error))
    except Stale as stale:
        _renew(form, stale)
        return Refusal(409, describe_entries(stale.news, user_of(request)))
    return None


def _renew(form: Any, stale: Stale) -> None:
    """Keep what was typed, so that saving again applies to the work order as it is now."""
    form.data = form.data.copy()
    form.data["version"] = stale.work_order.version
    for name, current in _changed_meanwhile(form, stale.news, stale.work_order).items():
        form.add_error(name, f"This has changed in the meantime. It is now: {current}.")


def _changed_meanwhile(
    form: Any, news: Sequence[LedgerEntry], work_order: WorkOrder
) -> dict[str, str]:
    """Return the form's fields that someone else has changed to another value."""
    changed = {}
    for entry in news:
        if entry.shipment != getattr(form, "shipment", None):
            continue
        row = entry.shipment or entry.file or work_order
        for name in sorted(entry.changes.keys() & form.fields.keys()):
            current = getattr(row, name, None)
            if name != "line_items" and current != form.cleaned_data.get(name, current):
                changed[name] = _words(current)
    return changed


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value not in (None, "") else "empty"


def form_page(
    admin: ModelAdmin[Any],
    request: HttpRequest,
    form: Any,
    *,
    title: str,
    refusal: Refusal | None = None,
    fieldsets: Any = None,
    template: str = "admin/form.html",
    **context: Any,
) -> HttpResponse:
    """Show a page with one form, in the admin's own look.

    Back leads to the work order that the form is about, if there is one and the context names
    nothing else.
    """
    visible = [field.name for field in form.visible_fields()]
    admin_form = AdminForm(form, fieldsets or [(None, {"fields": visible})], {}, (), admin)
    own = {
        "title": title,
        "opts": admin.opts,
        "adminform": admin_form,
        "form": form,
        "media": admin.media + admin_form.media,
        "news": refusal.news if refusal else (),
        "back": _page_of(context.get("work_order")),
    }
    if refusal and refusal.doubts:
        context |= {"doubts": refusal.doubts, "submit": "Save anyway"}
    page = admin.admin_site.each_context(request) | own | context
    status = refusal.status if refusal else 200
    return TemplateResponse(request, template, page, status=status)


def _page_of(work_order: WorkOrder | None) -> str:
    if work_order is None:
        return reverse("admin:workorders_workorder_changelist")
    return reverse("admin:workorders_workorder_change", args=[work_order.pk])


def outcome(work_order: WorkOrder) -> str:
    """Describe the work order's status and target after an action, in a sentence or two."""
    status = work_order.get_status_display()
    target = f"Target SLA: {_target_text(due_of(work_order))}."
    beside = _beside_target(work_order)
    return " ".join(filter(None, [f"{work_order.number} is {status}.", target, beside]))


def _beside_target(work_order: WorkOrder) -> str:
    if work_order.parts_required:
        return ""
    numbers = [each.number for each in work_order.shipments.all() if each.is_beside_target]
    parts = ", ".join(numbers)
    return f"The work order requires no parts: no target depends on {parts}." if parts else ""


def _target_text(due: Due) -> str:
    if due.on is None:
        return due.text or "none"
    return f"{day_text(due.on)} ({due.text})" if due.text else day_text(due.on)
