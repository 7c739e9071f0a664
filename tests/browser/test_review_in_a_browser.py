"""A reason for delay on both sides: staff ask, the partner answers with a photo, staff excuse; then
the scorecard.
"""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.conftest import violations
from tests.browser.test_admin_in_a_browser import broken, broken_here
from tests.factories import fresh, make_accepted
from tests.workorders.services.files.test_photos import photo
from workorders import services
from workorders.models import WorkOrder
from workorders.states import DelayReason

QUEUE = "/admin/workorders/missedslareason/?review=waiting"


def late(dana, number: str, reason: DelayReason) -> WorkOrder:
    """Booked two weeks from now, for this reason."""
    row = make_accepted(
        dana, number=number, parts_required=False, assigned_on=timezone.now().date()
    )
    at = timezone.now() + dt.timedelta(days=14)
    yes = {"reason": reason, "confirmed_target": fresh(row).target_on}
    services.book_appointment(row, services.Booking(at, "Robin", "+1 415 555 0111", **yes), by=dana)
    return row


@pytest.fixture
def rows(portal, dana) -> list[WorkOrder]:
    reasons = (DelayReason.WEATHER, DelayReason.TECHNICIAN, DelayReason.TECHNICIAN)
    return [late(dana, f"WO-{n}", reason) for n, reason in enumerate(reasons, start=1)]


def type_in(page: Page, name: str, text: str) -> None:
    page.locator(f"[name={name}]").focus()
    page.keyboard.type(text)


def review_by_keyboard(page: Page, number: str, downs: int, note: str) -> None:
    """From the verdict's first choice on with keys alone, then Save and next."""
    expect(page.locator("h1")).to_contain_text(number)
    page.locator("[name=kind]").first.focus()
    for _ in range(downs):
        page.keyboard.press("ArrowDown")
    if not downs:
        page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type(note)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Save and next")).to_be_focused()
    page.keyboard.press("Enter")


def test_asked_answered_and_excused(opened, office, rows, dana, staff, admin_user):
    allowed = broken(office, "/admin/auth/group/add/", "light", "dark")
    office.goto("/admin/")
    office.get_by_role("link", name="3 Reasons waiting").click()
    expect(office.locator("h1")).to_have_text("Reasons waiting for a verdict")
    for name in ("days_waiting", "portal_says", "shown_verdict"):  # without a scroll to the side
        expect(office.locator(f"#result_list tbody .field-{name}").first).to_be_in_viewport(ratio=1)
    assert broken_here(office, "light", "dark") - allowed == {}
    oldest = office.locator("#result_list tbody tr").first.get_by_role("link", name="weather")
    office.set_viewport_size({"width": 390, "height": 800})
    expect(oldest).to_be_visible()
    office.set_viewport_size({"width": 1280, "height": 720})
    oldest.focus()
    office.keyboard.press("Enter")
    review_by_keyboard(office, "WO-1", 2, "Which storm?")
    expect(office.locator(".messagelist")).to_contain_text("WO-1: More information needed.")
    expect(office.locator("h1")).to_contain_text("WO-2")
    assert broken_here(office, "light", "dark") - allowed == {}

    phone = opened(dana, viewport={"width": 390, "height": 800}, color_scheme="dark")
    answer(phone)
    office.goto(f"{QUEUE}&reason=weather")
    expect(office.locator("#result_list .field-shown_verdict")).to_have_text(
        "More information needed, answered"
    )
    office.locator("#result_list").get_by_role("link", name="weather").click()
    expect(office.locator(".verdicts")).to_contain_text("The one of Sunday")
    expect(office.locator(".verdicts").get_by_role("link", name="sky.jpg")).to_be_visible()
    review_by_keyboard(office, "WO-1", 0, "")
    expect(office.locator(".messagelist")).to_contain_text("WO-1: Excused.")
    phone.goto("/work-orders/WO-1/")
    expect(phone.locator("#customer")).to_contain_text("Excused")

    review_several(office)
    assert broken_here(office, "light", "dark") - allowed == {}


def answer(phone: Page) -> None:
    """By way of the list of what is wanted of the partner."""
    phone.goto("/work-orders/")
    phone.get_by_role("link", name="Answer a verdict").click()
    expect(phone.locator("h1")).to_contain_text("1 waiting for you")
    assert violations(phone) == []
    phone.locator("main table a[href*='/answer/']").first.click()
    expect(phone.locator("#main")).to_contain_text("“Which storm?”")
    assert violations(phone) == []
    phone.locator("textarea").fill("The one of Sunday")
    picture = {"name": "sky.jpg", "mimeType": "image/jpeg", "buffer": photo(size=(64, 48))}
    phone.locator("input[type=file]").first.set_input_files(picture)
    phone.get_by_role("button", name="Send").click()
    expect(phone.locator("#main")).to_contain_text("will review it again")
    assert violations(phone) == []


def review_several(office: Page) -> None:
    office.goto(QUEUE)
    office.locator("#action-toggle").check()
    office.locator("select[name=action]").select_option("review_selected")
    office.get_by_role("button", name="Go").click()
    expect(office.locator("h1")).to_have_text("Review 2 reasons")
    expect(office.locator("#content-main li")).to_have_count(2)
    office.get_by_label("Not excused").check()
    office.locator("[name=note]").fill("Plan ahead")
    office.locator("[name=_save]").click()
    expect(office.locator(".messagelist")).to_contain_text("2 reasons: Not excused.")


def test_every_figure_of_the_scorecard_opens_its_list_by_keyboard(opened, rows, dana):
    target = timezone.now().date()
    for row, days in zip(rows, (0, 1, 4), strict=True):
        outcome = {"outcome_target_on": target, "outcome_on": target + dt.timedelta(days=days)}
        WorkOrder.objects.filter(pk=row.pk).update(
            target_on=target, start_on=None, outcome_days_late=days, **outcome
        )
    page = opened(dana)
    page.goto("/scorecard/")
    figures = page.locator("main :is(dd, td, .causes) a")
    addresses = dict.fromkeys(
        figures.evaluate_all("links => links.map((link) => link.getAttribute('href'))")
    )
    assert len(addresses) > 15
    page.get_by_role("link", name="1 of 3").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("3 work orders")
    expect(page.locator("#main")).to_contain_text("In time ÷ counted.")
    page.get_by_role("link", name="Scorecard", exact=True).first.press("Enter")
    expect(page.get_by_role("heading", name="Where the days went")).to_be_visible()
    for address in addresses:
        page.goto(address)
        expect(page.get_by_role("link", name="Export as CSV")).to_be_visible()
    page.goto("/scorecard/work-orders/?waited=partner")
    assert violations(page) == []


def test_the_picture_can_be_read_on_a_phone(opened, rows, dana):
    today = timezone.now().date()
    outcome = {"outcome_target_on": today, "outcome_on": today, "outcome_days_late": 0}
    WorkOrder.objects.update(target_on=today, start_on=None, **outcome)
    page = opened(dana, viewport={"width": 390, "height": 800})
    page.goto("/scorecard/")
    sizes = page.locator(".bars span").evaluate_all(
        "all => all.map((each) => parseFloat(getComputedStyle(each).fontSize))"
    )
    assert (len(sizes), min(sizes) >= 13) == (2, True)
