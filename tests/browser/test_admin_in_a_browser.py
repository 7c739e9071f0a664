"""The admin under axe, light and dark: no violation that the bare stock admin does not have in the
same run.
"""

import datetime as dt
import re
from collections import Counter

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Group
from playwright.sync_api import Page, expect

from tests.browser.conftest import RULES
from tests.factories import (
    make_accepted,
    make_carrier_service,
    make_work_order,
    ready_to_complete,
    ship,
)
from tests.workorders.admin.calendars import closing
from tests.workorders.uploads import PDF, add
from workorders import services as s
from workorders.models import WorkOrder
from workorders.states import (
    AssistanceReason,
    CouldNotCompleteReason,
    DelayReason,
    PartProblem,
    ShipmentKind,
)

pytestmark = pytest.mark.slow

THEMES = {  # what a theme can break is looked for in the dark too
    "light": RULES,
    "dark": RULES
    | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}},
}
OURS = {
    "exclude": [[".select2-selection__rendered"]]
}  # a text box without a name in every stock lookup
STEP = re.compile(
    r'href="(/admin/workorders/workorder/\d+/((?:(?:shipments|holds|files)/)?)(?:[\w-]+/)??([a-z-]+)/)"'
)
LISTS = [
    "workorder",
    "workorder/export",
    "workorder/import/work-orders",
    "workorder/twins",
    "missedslareason",
    "serviceterritory",
    "entitlement",
    "calendarproposal",
    "carrierservice",
    "site",
]


def broken(page: Page, url: str, *themes: str) -> Counter[tuple[str, str]]:
    answer = page.goto(url)
    assert (answer.status, page.url.endswith(url)) == (200, True), f"{url} leads to {page.url}"
    return broken_here(page, *themes)


def broken_here(page: Page, *themes: str) -> Counter[tuple[str, str]]:
    """How often each rule is broken, by theme."""
    page.evaluate(Axe().axe_script)
    found: Counter[tuple[str, str]] = Counter()
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished))")
        answer = page.evaluate("([what, rules]) => axe.run(what, rules)", [OURS, THEMES[theme]])
        found.update({(theme, rule["id"]): len(rule["nodes"]) for rule in answer["violations"]})
    return found


@pytest.fixture
def work_orders(portal, dana, staff) -> list[WorkOrder]:
    """In every state from which another step leads on, one of them with all that a page
    can hold.
    """
    make_carrier_service()
    full = at_work_with_everything(dana, staff)
    held, done, back = (make_accepted(dana, parts_required=False) for _ in range(3))
    s.hold(held, reason="No access", stops_clock=True, by=staff)
    for row in (done, back):
        s.complete(ready_to_complete(row, by=dana), by=dana)
    s.send_back(back, note="It is loose", by=staff)
    declined = make_work_order()
    s.could_not_complete(
        declined, reason=CouldNotCompleteReason.NO_CAPACITY, note="Nobody is free", by=dana
    )
    return [full, make_accepted(dana, return_parts_required=True), held, done, back, declined]


def at_work_with_everything(dana, staff) -> WorkOrder:
    row = make_accepted(
        dana, line_items=("Lock out", "Replace [serial] [photo]"), access_notes="P2"
    )
    today = row.site_today()
    booking = s.Booking(
        row.ledger.latest("pk").at + dt.timedelta(days=30), "Robin", "+1 415 555 0111"
    )
    details = s.ShipmentDetails(
        ShipmentKind.FSO, status="shipped", carrier="FedEx", tracking_number="7866"
    )
    s.enter_shipment(
        row,
        "FSO-1",
        details._replace(estimated_delivery_on=today),
        parts=[s.Part("CBL-23", 2)],
        by=staff,
    )
    target = WorkOrder.objects.get(pk=row.pk).target_on
    s.book_appointment(
        row, booking._replace(reason=DelayReason.WEATHER, confirmed_target=target), by=dana
    )
    part = row.shipments.get().parts.get().pk
    s.report_part(row, part=part, problem=PartProblem.DAMAGED, quantity=1, note="Cracked", by=dana)
    ship(row, "FSO-2", status="ordered", carrier="", service="")
    ship(row, "RMA-1", kind="RMA", direction="return", status="ordered", required=False)
    s.parts_received(row, numbers=["FSO-1"], on=today, by=dana)
    for _ in range(2):
        s.hold(row, reason="No access", stops_clock=False, by=staff)
        s.resume(row, by=staff)
    add(row, dana)
    add(row, staff, PDF, "label.pdf", internal=True)
    s.request_assistance(
        row, body="The gate is locked", reason=AssistanceReason.SITE_ACCESS, by=dana
    )
    s.comment(row, body="He never answers", internal=True, by=staff)
    return row


def steps_from(page: Page, work_orders: list[WorkOrder]) -> dict[tuple[str, str], str]:
    """The address of each step that the pages of these work orders lead to, one of a kind."""
    found: dict[tuple[str, str], str] = {}
    for row in work_orders:
        answer = page.request.get(f"/admin/workorders/workorder/{row.pk}/change/")
        found |= {(about, name): url for url, about, name in STEP.findall(answer.text())}
    return found


def test_no_page_breaks_a_rule_that_the_bare_stock_admin_keeps(
    office, work_orders, admin_user, full_size
):
    """Of the steps, whose pages are of one kind, every third; in `make test-all` each."""
    first, group = work_orders[0], Group.objects.create(name="Night shift")
    proposal = closing(first.territory, dt.date(2026, 12, 24), by=admin_user)
    rows = [first.territory, first.entitlement, proposal, first.missed_sla_reasons.get(), first]
    pages = [
        *("/admin/", "/admin/workorders/workorder/add/", "/admin/workorders/serviceterritory/add/"),
        *(f"/admin/workorders/{name}/" for name in LISTS),
        *(f"/admin/workorders/{row._meta.model_name}/{row.pk}/change/" for row in rows),
    ]
    steps = steps_from(office, work_orders)
    assert len(steps) > 25
    allowed: Counter[tuple[str, str]] = Counter()
    for name in ("", "add/", f"{group.pk}/change/", f"{group.pk}/delete/"):
        allowed |= broken(office, f"/admin/auth/group/{name}", "light", "dark")
    more = {url: broken(office, url, "light", "dark") - allowed for url in pages}
    asked = [steps[step] for step in sorted(steps)][:: 1 if full_size else 3]
    more |= {url: broken(office, url, "light") - allowed for url in asked}
    office.goto(f"/admin/workorders/entitlement/{first.entitlement.pk}/change/")
    office.locator("[name=business_days]").fill("3")
    office.locator("[name=_save]").click()
    expect(office.locator("#content-main")).to_contain_text("Nothing is saved yet.")
    more["the preview of a service level"] = broken_here(office, "light", "dark") - allowed
    assert {url: rules for url, rules in more.items() if rules} == {}
