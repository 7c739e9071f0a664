"""What pages, filters and files say of a work order, compared with the plain rules."""

import re
from collections.abc import Iterable
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.people.models import User
from tests.pages import html_of, mismatches
from tests.workorders.kept_waits import stale_waits
from tests.workorders.model_based.rules import Model
from tests.workorders.model_based.values import DAY, business_days
from workorders.exports.work_orders import COLUMNS, work_order_rows
from workorders.models import Notification, Wait, WorkOrder
from workorders.models.queries import sla_filter
from workorders.models.waits import of_todo
from workorders.scorecard.scope import counts
from workorders.targets.due import due_of

HERO = re.compile(r'<div class="hero (\w+)"><dt>Target SLA</dt><dd>(.*?)</dd>')
IN_LIST = re.compile(r'<span class="due (\w+)">(.*?)</td>')
IN_ADMIN = re.compile(r'<dt>Target SLA</dt><dd class="due (\w+)">(.*?)</dd>')
ON_RECEIPT = re.compile(r"<h2>Target SLA</h2>(.*?)</section>")

LINK = re.compile(r'<b>[^<]*</b> · <a href="(.*?)"')
TARGET_IS = re.compile(r"The Target SLA is {(.*?)}")
TARGET_MOVED = re.compile(r"The Target SLA moved from {(.*?)} to {(.*?)}")


def late_in_words(model: Model) -> str:
    """ "3 business days late", or empty."""
    if model.late_day is None or model.judging is None:
        return ""
    days = business_days(model.judging, model.late_day)
    many = "1 business day late" if days == 1 else f"{days} business days late"
    return many if days else "late, by less than a business day"


def nobody_there(model: Model) -> bool:
    """Said beside what is judged by the first visit."""
    if model.is_open:
        return bool(model.judging) and model.in_vain
    return model.outcome_in_vain


def overdue_since(model: Model) -> Any:
    waits = model.is_open and model.parts_due is not None and not model.is_stopped
    return model.parts_due if waits and model.parts_due < model.today else None


def compare_queries(row: WorkOrder, model: Model) -> None:
    """The list's filters, the scorecard and the CSV file say what the header says."""
    now, due = timezone.now(), due_of(row)
    if model.is_open:
        assert (due.on, due.is_late, due.overdue_since) == (
            model.target,
            bool(model.late_day),
            overdue_since(model),
        )
        assert late_in_words(model) in due.text
    assert ("nobody there" in due.text) == nobody_there(model)
    waits, names = Wait.objects.at(now), ("missed", "today", "week", "none")
    conditions = {name: sla_filter(name, now, waits) for name in names}
    conditions |= {
        "overdue": waits.named(of_todo("overdue")),
        "counted": counts(WorkOrder.objects.all(), now),
    }
    it = WorkOrder.objects.filter(pk=row.pk)
    found = {name for name, condition in conditions.items() if it.filter(condition).exists()}
    monday = model.today - model.today.weekday() * DAY
    target = model.target if model.is_open else None
    missed_before = model.outcome is None and model.late_day and model.judging < model.today
    assert found == {
        *(["missed"] if model.late_day else []),
        *(["today"] if target == model.today else []),
        *(["week"] if target and monday <= target <= monday + 6 * DAY else []),
        *(["none"] if model.is_open and target is None else []),
        *(["overdue"] if overdue_since(model) else []),
        *(["counted"] if model.counts_by_outcome or missed_before else []),
    }
    assert stale_waits() == set()
    compare_csv(row, model)


def compare_notifications(news: Iterable[Notification], model: Model, before: Any) -> None:
    """What people are notified of names the target as it is, and the one before this step."""
    for each in news:
        said = {*TARGET_IS.findall(each.text)} - {str(model.target)}
        moved = {*TARGET_MOVED.findall(each.text)} - {(str(before), str(model.target))}
        assert not said | moved, (each.text, before, model.target)


def open_links(people: Iterable[User]) -> None:
    """Whatever a notification leads to opens for whoever reads it."""
    for person in people:
        browser = Client()
        browser.force_login(person)
        shown = html_of(browser.get(reverse("notifications")))
        for path in set(LINK.findall(shown)):
            assert browser.get(path).status_code == 200, (person, path)


def compare_csv(row: WorkOrder, model: Model) -> None:
    rows = [dict(zip(COLUMNS, cells, strict=True)) for cells in work_order_rows(timezone.now())]
    said = next(each for each in rows if each["number"] == row.number)
    judged = said["target_on"], said["outcome"], said["business_days_late"]
    if model.is_open and model.target:
        days = str(business_days(model.target, model.late_day)) if model.late_day else ""
        assert judged == (str(model.target), "missed" if model.late_day else "", days)
    elif model.outcome and model.outcome[0]:
        target, on, days = model.outcome
        assert judged == (str(target), "missed" if on > target else "in-time", str(days))


def compare_pages(row: WorkOrder, model: Model, partner: User, staff: User) -> None:
    """List, Details, receipt and admin show the same target and the same lateness."""
    due = due_of(row)
    on = str(due.on) if due.on else ""
    of_partner, of_staff = Client(), Client()
    of_partner.force_login(partner)
    of_staff.force_login(staff)
    details, admin = page(of_partner, "work-order", row.number), admin_page(of_staff, row)
    listed = html_of(of_partner.get(f"{reverse('work-orders')}?q={row.number}&status={row.status}"))
    for found in (HERO.search(details), IN_ADMIN.search(admin), IN_LIST.search(listed)):
        state, said = found.groups()
        assert (state, mismatches(said, on, due.text)) == (due.state, [])
    (receipt,) = ON_RECEIPT.findall(page(of_partner, "receipt", row.number))
    assert late_in_words(model) in receipt
    moved = "it has since moved earlier." in details
    first = model.first_target
    assert moved == bool(model.outcome and first and model.outcome[0] != first)


def page(browser: Client, name: str, number: str) -> str:
    return html_of(browser.get(reverse(name, args=[number])))


def admin_page(browser: Client, row: WorkOrder) -> str:
    return html_of(browser.get(reverse("admin:workorders_workorder_change", args=[row.pk])))
