"""What the eye finds without scrolling: heights and places in pixels, with the longest words there
are.
"""

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.conftest import violations
from tests.factories import (
    book_on,
    fresh,
    make_accepted,
    make_entitlement,
    make_site,
    make_territory,
    make_work_order,
    ship,
)
from workorders import services
from workorders.models import WorkOrder
from workorders.services import Part, ShipmentDetails
from workorders.states import Direction, ShipmentKind, ShipmentStatus

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 900}}
# of a row's text, without that of its button: middles that are less than half a line apart are one
LINES = """row => [...row.querySelectorAll("td:not(.c-way) :is(b, a, .sub, .how span)")]
  .flatMap(each => [...each.getClientRects()].filter(box => box.width > 1))
  .map(box => (box.top + box.bottom) / 2).sort((a, b) => a - b)
  .filter((y, n, all) => !n || y - all[n - 1] > 8).length"""

HEIGHTS = "rows => rows.map(row => row.getBoundingClientRect().height)"


@pytest.fixture
def rows(shipped, new, dana, tess) -> None:
    """With a long account, parts that are overdue, a visit that nobody reported, and a message."""
    site = make_site("A parking structure with a long name", "The Metropolitan Parking Cooperative")
    long = {"site": site, "subject": "Replace display and holster, both ports - CT4020"}
    row = book_on(make_accepted(dana, number="WO-00100400", parts_required=False, **long), tess)
    services.comment(row, body="Which gate?", by=dana)
    make_work_order("WO-00100401", partner=dana.partner, **long)


def top(page: Page, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box
    return box["y"]


def bottom(page: Page, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box
    return box["y"] + box["height"]


def test_a_row_of_the_list_has_two_lines_in_any_cell(opened, rows, dana, staff):
    page = opened(dana, **DESK)
    page.goto("/work-orders/")
    heights = page.locator("#list tbody tr").evaluate_all(HEIGHTS)
    assert len(heights) == 4
    assert [height for height in heights if height > 54] == []  # three lines would take 57
    assert top(page, "#list tbody tr") <= 220
    page.goto("/work-orders/?status=any&work_type=repair")  # the filters that are on take no row
    assert top(page, "#list tbody tr") <= 220
    assert page.locator("#list").bounding_box()["width"] <= 1240
    cut = page.locator("#list :is(.how > span, .c-status .sub)")
    assert (
        cut.evaluate_all("all => all.filter(one => one.scrollWidth > one.clientWidth).length") == 0
    )
    dana.partner.name = "Amped Field Services"
    dana.partner.save()
    page = opened(staff, **DESK)
    page.goto("/work-orders/")
    assert [
        height for height in page.locator("#list tbody tr").evaluate_all(HEIGHTS) if height > 54
    ] == []
    phone = opened(dana, **PHONE)
    phone.goto("/work-orders/")
    assert top(phone, "#list tbody tr") <= 180
    phone.set_viewport_size({"width": 320, "height": 844})  # the strip scrolls, the page does not
    assert phone.evaluate("document.scrollingElement.scrollWidth") == 320


def test_a_row_of_the_admin_has_two_lines_too(office, rows):
    office.set_viewport_size(DESK["viewport"])
    office.goto("/admin/workorders/workorder/")
    heights = office.locator("#result_list tbody tr").evaluate_all(HEIGHTS)
    assert len(heights) == 4
    assert [height for height in heights if height > 56] == []
    office.goto("/admin/")
    lines = office.locator(".day li").evaluate_all(HEIGHTS)
    assert lines
    assert [height for height in lines if height > 52] == []
    office.set_viewport_size(PHONE["viewport"])
    for page in ("/admin/", "/admin/workorders/workorder/"):
        office.goto(page)
        assert office.evaluate("document.scrollingElement.scrollWidth") == 390


def test_the_longest_names_keep_a_row_in_its_frame(opened, portal, dana):
    """The longest that fit the fields: they end in dots, and whole in the titles."""
    long = make_work_order(
        "WO-00100406",
        partner=dana.partner,
        case_number="CASE-2026-00000000040000",
        territory=make_territory("US-California-and-Nevada-and-the-West", "US", "CA"),
        entitlement=make_entitlement("Assure Plus Extended-Commercial-Warranty, night and day", 1),
        site=make_site("A site", "Metropolitankooperative-Parkraumgesellschaft of the Bay"),
        subject="Replace the power module and both holsters of either port - CPE280",
        poc_email=f"{'w' * 90}@example.com",
    )
    page = opened(dana, **DESK)
    for width in (1280, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto("/work-orders/")
        assert page.evaluate("document.scrollingElement.scrollWidth") == width
        assert page.locator("#list").bounding_box()["width"] <= width - 40
        assert page.locator(f"#{long.number}").bounding_box()["height"] <= 54
    page.goto(f"/work-orders/{long.number}/")
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.scrollingElement.scrollWidth") == width


def test_a_row_says_since_when_parts_are_overdue_and_dates_without_a_comma_at_their_end(
    opened, rows, dana, tess
):
    for number in ("WO-00100402", "WO-00100403"):
        waiting = make_accepted(dana, number=number, assigned_on=dt.date(2026, 10, 20))
        ship(waiting, f"FSO-{number}", estimated_delivery_on=dt.date(2026, 10, 28))
    book_on(waiting, tess)
    today = timezone.now().date()
    to_come = make_accepted(dana, number="WO-00100404", assigned_on=today, parts_required=False)
    book_on(to_come, tess)
    page = opened(dana, **DESK)
    page.goto("/work-orders/")
    for number in ("WO-00100402", "WO-00100403"):
        since = page.locator(f"#{number} .c-status .sub")
        assert since.text_content() == "parts overdue since Wed, Oct 28"
        assert since.evaluate("line => line.scrollWidth <= line.clientWidth")
    appointment = page.locator("#WO-00100404 .c-appointment time")
    for size in (DESK, PHONE):
        page.set_viewport_size(size["viewport"])
        assert appointment.inner_text() == "Thu, Nov 12\n2:00 PM PST"


def test_a_tab_begins_in_the_upper_third_of_a_phone(opened, rows, shipped, dana):
    page = opened(dana, **PHONE)
    for number in (shipped.number, "WO-00100400", "WO-00100401"):
        for tab in ("", "related/", "rma-fso/", "collaborate/", "history/"):
            page.goto(f"/work-orders/{number}/{tab}")
            assert bottom(page, ".tabs") < 320
            assert top(page, ".tabs ~ *:not(:empty)") < 320
            assert page.locator("main .btn-accent:visible").count() == 1
    page.set_viewport_size(DESK["viewport"])
    page.goto(f"/work-orders/{shipped.number}/")
    assert top(page, ".cols") <= 350
    assert top(page, "#customer") == top(page, ".cols")


def test_what_a_target_waits_for_pushes_no_tab_down(opened, portal, dana):
    """The longest there is to be said of a target: of which shipment, and what is overdue."""
    row = make_accepted(dana, number="WO-00100405", assigned_on=dt.date(2026, 10, 20))
    ship(row, "FSO-000000405", estimated_delivery_on=dt.date(2026, 10, 28))
    ship(row, "FSO-000000406", estimated_delivery_on=None, status=ShipmentStatus.ORDERED)
    page = opened(dana, **DESK)
    page.goto(f"/work-orders/{row.number}/")
    expect(page.locator(".hero")).to_contain_text("of FSO-000000406 · parts overdue since")
    assert top(page, ".cols") <= 350
    page.set_viewport_size(PHONE["viewport"])
    assert top(page, ".cols") <= 340  # of Inter's 320: this font takes a line more


def test_an_entry_of_the_history_is_one_line_that_unfolds_by_keyboard(opened, rows, shipped, dana):
    page = opened(dana, java_script_enabled=False, **DESK)
    page.goto("/work-orders/WO-00100400/history/")
    heights = page.locator(".tale > li").evaluate_all(
        "entries => entries.map(entry => entry.getBoundingClientRect().height)"
    )
    assert len(heights) >= 4
    assert [height for height in heights if height > 36] == []
    fields = page.get_by_text("Status: Assigned → In Progress")
    assert not fields.is_visible()
    page.locator("summary", has_text="accepted the work order").focus()
    page.keyboard.press("Enter")
    assert fields.is_visible()
    page.set_viewport_size(PHONE["viewport"])
    small = page.locator(".tale summary").evaluate_all(
        "all => all.filter(each => each.getBoundingClientRect().height < 44).length"
    )
    assert small == 0


def test_the_search_is_wide_enough_to_read_on_any_phone_and_desk(opened, rows, dana):
    page = opened(dana)
    page.goto("/work-orders/")
    narrow = []
    for width in (320, 360, 390, 640, 960, 1024, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        if page.locator("#q").bounding_box()["width"] < 118:
            narrow.append(width)
    assert narrow == []
    page.set_viewport_size(PHONE["viewport"])
    page.locator("#q").focus()
    assert page.locator("#q").bounding_box()["width"] > 300


def test_a_technicians_thumb_reaches_what_is_next(opened, rows, tess):
    page = opened(tess, **PHONE)
    page.goto("/")
    page.get_by_role("link", name="Replace display").tap()
    page.wait_for_url("**/WO-00100400/")
    bar = page.locator("#actions")
    assert bottom(page, "#actions") == 844
    assert bar.bounding_box()["height"] <= 66
    assert bottom(page, ".reach") <= 341  # 320, and the second line of the subject
    reach = page.locator(".reach a").all_inner_texts()
    assert [words.split()[0] for words in reach] == ["Directions", "Request", "Call"]
    assert page.locator("main .btn-accent:visible").count() == 1


def test_what_is_owed_is_a_row_of_two_lines_and_a_card_of_five(opened, rows, shipped, dana):
    """With two parts of two words and the longest names of a site; the second is on its way."""
    parts = [Part("PWR-MOD-31", 1, "Power module 31 kW"), Part("GSK-PM-02", 1, "Gasket set")]
    owed = ShipmentDetails(
        ShipmentKind.RMA,
        Direction.RETURN,
        required=False,
        return_due_on=timezone.now().date() + dt.timedelta(days=2),
    )
    for number in (shipped.number, "WO-00100400"):
        row = WorkOrder.objects.get(number=number)
        services.enter_shipment(row, f"RMA-{number}", owed, parts=parts, by=None)
    sent = {"carrier": "FedEx", "tracking_number": "786601034275", "on": timezone.now().date()}
    services.parts_sent_back(fresh(row), number=f"RMA-{number}", by=dana, **sent)
    page = opened(dana, **DESK)
    page.goto("/parts-owed/")
    found = page.locator(".debts tbody tr")
    assert [each for each in found.evaluate_all(HEIGHTS) if each > 58] == []
    page.set_viewport_size(PHONE["viewport"])
    assert found.count() == 2
    assert [each for each in found.evaluate_all(HEIGHTS) if each > 155] == []
    assert max(found.nth(n).evaluate(LINES) for n in range(2)) <= 5


@pytest.fixture
def a_year(portal, dana) -> None:
    """Twelve months of 24 work orders each; every third missed, by as many days as its month."""
    one = make_accepted(dana, number="WO-1", parts_required=False)
    facts = {field.attname: getattr(one, field.attname) for field in WorkOrder._meta.fields}
    for name in ("id", "number", "number_by_value", "case_by_value"):
        facts.pop(name, None)
    today = timezone.now().date()
    copies = []
    for n in range(12 * 24):
        month = (today - dt.timedelta(days=30 * (n // 24))).replace(day=9)
        late = n // 24 if n % 3 == 0 else 0
        outcome = {"outcome_target_on": month, "outcome_on": month + dt.timedelta(days=late)}
        outcome |= {"outcome_days_late": late, "status": "closed", "completed_at": timezone.now()}
        copies.append(WorkOrder(number=f"WO-7{n:05}", **facts | outcome))
    WorkOrder.objects.bulk_create(copies)


def test_the_scorecard_is_read_without_scrolling(opened, a_year, dana):
    page = opened(dana, **DESK)
    page.goto("/scorecard/")
    assert bottom(page, ".figures") <= 240
    assert page.locator(".bars li").count() == 12
    assert bottom(page, ".chart") <= 600
    assert page.get_by_role("link", name="0", exact=True).count() == 0
    row = page.locator("#filters").bounding_box()
    assert row["y"] <= top(page, "h1") < row["y"] + row["height"]
    assert not page.get_by_role("button", name="Apply").is_visible()
    page.get_by_text("What is Missed?").locator("..").press("Enter")
    box = page.locator(".ask[open] .panel").bounding_box()
    assert box["x"] + box["width"] <= 1280
    expect(page.locator(".ask[open]")).to_contain_text("Later than the target.")
    assert violations(page) == []
    page.get_by_label("From").select_option("2026-11")
    expect(page.locator(".bars li")).to_have_count(1)
    expect(page).to_have_url(re.compile("first=2026-11"))
    page.set_viewport_size(PHONE["viewport"])
    for name in ("On time without excused", "Missed", "Counted"):
        page.get_by_text(f"What is {name}?").locator("..").click()
        box = page.locator(".ask[open] .panel").bounding_box()
        assert (box["x"] >= 0, box["x"] + box["width"] <= 390) == (True, True)
        page.keyboard.press("Escape")
    page.locator("#filter-menu summary").click()
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.scrollingElement.scrollWidth") == width
    assert violations(page) == []


def test_the_scorecard_is_narrowed_without_javascript(opened, a_year, dana):
    page = opened(dana, java_script_enabled=False, **DESK)
    page.goto("/scorecard/")
    page.get_by_label("From").select_option("2026-11")
    page.get_by_role("button", name="Apply").click()
    assert page.locator(".bars li").count() == 1


def test_start_work_is_reached_on_todays_first_screen(opened, portal, dana, tess):
    subject = "Replace power module - CPE250"
    today = timezone.now().date()
    row = make_accepted(dana, parts_required=False, subject=subject, assigned_on=today)
    book_on(row, tess, at=timezone.now() + dt.timedelta(hours=2))
    page = opened(tess, **PHONE)
    page.goto("/today/")
    start = page.get_by_role("button", name="Start work").first
    box = start.bounding_box()
    assert box["y"] + box["height"] <= 300
    page.set_viewport_size({"width": 320, "height": 844})
    assert page.evaluate("document.scrollingElement.scrollWidth") == 320
