"""The question about a visit before the parts, with and without JavaScript; and the date receipt on
paper.
"""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.conftest import LOOKS, violations
from tests.factories import fresh
from workorders.dates import day_text
from workorders.models import Appointment, MissedSLAReason


def tomorrow() -> dt.date:
    """A day before the parts arrive, whatever the hour."""
    return timezone.now().date() + dt.timedelta(days=1)


def save_early(page: Page, work_order) -> None:
    page.goto(f"/work-orders/{work_order.number}/")
    page.get_by_label("Appointment Date", exact=True).fill(f"{tomorrow()}T09:00")
    page.get_by_label("Technician Name").fill("Tess Moreno")
    page.get_by_label("technician’s phone").fill("+1 415 555 0188")
    page.get_by_role("button", name="Save").click()


def question(page: Page):
    return page.get_by_role("dialog", name="Book a visit before they do?")


@pytest.mark.parametrize("scripted", [True, False])
def test_yes_books_without_a_reason(opened, shipped, dana, scripted):
    page = opened(dana, java_script_enabled=scripted)
    save_early(page, shipped)
    expect(question(page)).to_contain_text(day_text(tomorrow() + dt.timedelta(days=1)))
    expect(page.get_by_role("radio")).to_have_count(0)
    page.get_by_role("button", name="Yes").click()
    expect(page.locator(".facts")).to_contain_text(day_text(tomorrow()))
    assert (fresh(shipped).appointment.on, MissedSLAReason.objects.count()) == (tomorrow(), 0)


@pytest.mark.parametrize("answer", ["No", "Escape"])
def test_no_and_escape_lead_back_to_the_date_as_typed(opened, shipped, dana, answer):
    page = opened(dana)
    save_early(page, shipped)
    expect(question(page)).to_be_visible()
    if answer == "No":
        page.get_by_role("button", name="No", exact=True).click()
    else:
        page.keyboard.press(answer)
    expect(question(page)).to_have_count(0)
    expect(page.get_by_label("Appointment Date", exact=True)).to_be_focused()
    expect(page.get_by_label("Appointment Date", exact=True)).to_have_value(f"{tomorrow()}T09:00")
    assert Appointment.objects.count() == 0


def test_without_javascript_no_leads_back_too(opened, shipped, dana):
    page = opened(dana, java_script_enabled=False)
    save_early(page, shipped)
    page.get_by_role("button", name="No", exact=True).click()
    expect(question(page)).to_have_count(0)
    expect(page.get_by_label("Appointment Date", exact=True)).to_have_value(f"{tomorrow()}T09:00")
    assert Appointment.objects.count() == 0


@LOOKS
def test_axe_finds_nothing_on_the_question(opened, shipped, dana, theme, width):
    page = opened(dana, color_scheme=theme, viewport={"width": width, "height": 800})
    save_early(page, shipped)
    expect(question(page)).to_be_visible()
    assert violations(page) == []


# --- The receipt
def test_the_receipt_is_found_from_the_sum_and_printed_with_a_button(opened, shipped, dana):
    page = opened(dana)
    page.goto(f"/work-orders/{shipped.number}/")
    page.get_by_role("link", name="Date receipt").click()
    expect(page.get_by_role("heading", name="Date receipt")).to_be_visible()
    page.evaluate("window.print = () => { window.printed = true; }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed") is True
    page.get_by_role("link", name=shipped.number, exact=True).click()
    page.wait_for_url(f"**/work-orders/{shipped.number}/")


def test_without_javascript_there_is_no_print_button(opened, shipped, dana):
    page = opened(dana, java_script_enabled=False)
    page.goto(f"/work-orders/{shipped.number}/receipt/")
    expect(page.get_by_role("button", name="Print")).to_have_count(0)


def test_on_paper_the_receipt_is_black_on_white_and_alone(opened, shipped, dana):
    page = opened(dana, color_scheme="dark")
    page.goto(f"/work-orders/{shipped.number}/receipt/")
    page.emulate_media(media="print")
    for gone in (page.get_by_role("banner"), page.get_by_role("button", name="Print")):
        expect(gone).to_be_hidden()
    expect(page.get_by_text(f"Date receipt of {shipped.number}")).to_be_visible()
    colors = (
        "element => [getComputedStyle(element).color, getComputedStyle(element).backgroundColor]"
    )
    assert page.locator(".receipt").evaluate(colors) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert page.locator("body").evaluate(colors)[1] == "rgb(255, 255, 255)"
