"""The missed-SLA question with the mouse, with the keyboard alone, and without JavaScript."""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.conftest import LOOKS, violations
from tests.factories import fresh
from workorders.dates import day_text
from workorders.models import Appointment, WorkOrder
from workorders.services import log_contact
from workorders.states import Channel


def late_day(work_order: WorkOrder) -> dt.date:
    return fresh(work_order).target_on + dt.timedelta(days=7)


def fill(page: Page, day: dt.date) -> None:
    page.get_by_label("Appointment Date", exact=True).fill(f"{day}T09:00")
    page.get_by_label("Technician Name").fill("Tess Moreno")
    page.get_by_label("technician’s phone").fill("+1 415 555 0188")


def facts(page: Page):
    return page.locator(".facts")


def test_no_and_escape_leave_everything_as_typed(opened, shipped, dana):
    page = opened(dana)
    page.goto(f"/work-orders/{shipped.number}/")
    for answer in (
        lambda: page.get_by_role("button", name="No", exact=True).click(),
        lambda: page.keyboard.press("Escape"),
    ):
        fill(page, late_day(shipped))
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        answer()
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.get_by_label("Appointment Date", exact=True)).to_be_focused()
        expect(page.get_by_label("Appointment Date", exact=True)).to_have_value(
            f"{late_day(shipped)}T09:00"
        )
    assert Appointment.objects.count() == 0


@pytest.mark.parametrize("scripted", [True, False])
def test_yes_a_reason_and_ok_book_a_late_appointment(opened, shipped, dana, scripted):
    page = opened(dana, java_script_enabled=scripted)
    page.goto(f"/work-orders/{shipped.number}/")
    fill(page, late_day(shipped))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_contain_text(day_text(fresh(shipped).target_on))
    expect(page.get_by_role("dialog")).to_contain_text("business days late")
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_role("radio")).to_have_count(9)
    page.get_by_label("Delay due to POC Schedule Preference").check()
    page.get_by_label("Note").fill("Wants a later day")
    page.get_by_role("button", name="Ok").click()
    expect(facts(page)).to_contain_text(day_text(late_day(shipped)))
    expect(facts(page)).to_contain_text("business days late")
    expect(page.get_by_text("Wants a later day")).to_be_visible()
    assert fresh(shipped).appointment.missed_sla.reason == "poc-preference"


def test_without_javascript_no_leads_back_with_what_was_typed(opened, shipped, dana):
    page = opened(dana, java_script_enabled=False)
    page.goto(f"/work-orders/{shipped.number}/")
    fill(page, late_day(shipped))
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="No", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_label("Appointment Date", exact=True)).to_have_value(
        f"{late_day(shipped)}T09:00"
    )
    assert Appointment.objects.count() == 0


def test_the_last_day_in_sla_is_one_click_away(opened, shipped, dana):
    page = opened(dana)
    page.goto(f"/work-orders/{shipped.number}/")
    fill(page, late_day(shipped))
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Yes").click()
    page.get_by_role("button", name="Take the last day in SLA instead").click()
    expect(facts(page)).to_contain_text("booked in time")
    assert fresh(shipped).appointment.on == fresh(shipped).target_on


def test_the_keyboard_alone_does_the_whole_job(opened, new, dana):
    """Search with "/", accept with the ship-to, book: no pointer is touched."""
    page = opened(dana)
    page.goto("/work-orders/")
    press, type_ = page.keyboard.press, page.keyboard.type
    press("/")
    type_("00100208")
    press("Enter")
    page.wait_for_url(f"**/{new.number}/")
    tab_to(page, "Accept")
    press("Enter")
    page.wait_for_url("**/accept/")
    tab_to(page, "Name")
    for word in ("Dana Ortiz", "+1 415 555 0100", "1 Depot Way", "Oakland", "CA", "94607", "US"):
        press("Control+a")
        type_(word)
        press("Tab")
    press("Enter")
    expect(page.get_by_text("The parts will be sent to your address")).to_be_visible()
    tab_to(page, "Appointment Date")
    type_((timezone.now().date() + dt.timedelta(days=3)).strftime("%m%d%Y"))
    press("Tab")
    type_("0900AM")
    tab_to(page, "Technician Name")
    type_("Tess Moreno")
    press("Tab")
    type_("+1 415 555 0188")
    press("Enter")
    expect(page.get_by_text("Appointment booked for")).to_be_visible()
    assert fresh(new).appointment.technician_name == "Tess Moreno"


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of this name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "(e => e.labels?.[0]?.innerText || e.innerText || e.ariaLabel ||"
            " '')(document.activeElement)"
        )
        if focused.strip().startswith(name):
            return
    raise AssertionError(f"{name} cannot be reached with Tab")


@LOOKS
def test_axe_finds_nothing_on_the_question_and_the_reasons(opened, shipped, dana, theme, width):
    log_contact(shipped, channel=Channel.CALL, reached=False, by=dana)
    page = opened(dana, color_scheme=theme, viewport={"width": width, "height": 800})
    page.goto(f"/work-orders/{shipped.number}/")
    fill(page, late_day(shipped))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_role("radio").first).to_be_visible()
    expect(page.get_by_text("What the portal knows")).to_be_in_viewport()
    expect(page.get_by_role("dialog")).to_contain_text(
        "This points to “Delay due to Unresponsive POC”."
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
