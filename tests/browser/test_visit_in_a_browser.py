"""The day at the site by keyboard, and with the connection gone.

By thumb it is a part of the whole lives.
"""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from tests.factories import make_accepted
from workorders.models import WorkOrder

IN_STORE = """(work) => new Promise((resolve) => {
    const opening = indexedDB.open("portal", 1);
    opening.onsuccess = () => {
        const store = opening.result.transaction("forms", "readwrite").objectStore("forms");
        const keys = store.getAllKeys(), entries = store.getAll();
        entries.onsuccess = () => {
            const all = keys.result.map((key, n) => [key, entries.result[n]]);
            const ticks = all.filter(([key]) => key[1].startsWith("ticks "));
            WORK
            resolve(ticks.map(([key]) => key));
        };
    };
})"""
UNSENT_KEYS = IN_STORE.replace("WORK", "")
HALF_AN_HOUR_AGO = IN_STORE.replace(
    "WORK", "const [[key, entry]] = ticks; entry.unsent[1].made -= 18e5; store.put(entry, key);"
)
LEFT_BEFORE = """([list, other]) => {
    localStorage.setItem(`ticks:${list}`, JSON.stringify({1: {
        url: location.pathname.replace("related/", "line-items/1/tick/"),
        body: {note: "Left before"}, made: Date.now(),
    }}));
    localStorage.setItem(`ticks:${other}:typed`, JSON.stringify({"note-2": "Of someone else"}));
}"""
PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True}


@pytest.fixture
def work_order(portal, dana) -> WorkOrder:
    """In Progress since today."""
    steps = ("Lock out the station", "Replace the cable [serial]")
    today = timezone.now().date() - dt.timedelta(days=1)
    return make_accepted(
        dana, number="WO-00100300", parts_required=False, line_items=steps, assigned_on=today
    )


def related(page: Page, work_order: WorkOrder) -> None:
    page.goto(f"/work-orders/{work_order.number}/related/")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).focus()
    page.keyboard.press("Enter")


def test_a_day_at_the_site_with_the_keyboard_alone(opened, work_order, dana):
    page = opened(dana, viewport={"width": 1280, "height": 800})
    related(page, work_order)
    press(page, "Start work")
    expect(page.get_by_text("At work since")).to_be_visible()
    related(page, work_order)
    press(page, "Done 2")
    expect(page.get_by_role("alert")).to_contain_text("Line item 1 is not done yet")
    page.locator("#serial-2").focus()
    page.keyboard.type("C-77")
    page.keyboard.press("Tab")
    page.keyboard.type("it was locked out")
    page.keyboard.press("Enter")
    expect(page.locator("#item-2")).to_contain_text("Serial C-77 · “it was locked out”")
    page.locator("#note-1").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#item-1.done")).to_be_visible()
    press(page, "End the visit")
    press(page, "The work is done")
    press(page, "Completed")
    expect(page.locator("h1")).to_contain_text("Completed")


def test_ticks_are_kept_while_offline_and_sent_when_back(opened, work_order, dana):
    page = opened(dana, **PHONE)
    context: BrowserContext = page.context
    related(page, work_order)
    page.locator("#note-1").fill("Breaker 4")
    page.reload()
    expect(page.locator("#note-1")).to_have_value("Breaker 4")
    context.set_offline(True)
    for number in (1, 2):
        page.get_by_role("button", name=f"Done {number}").click()
        expect(page.locator(f"#item-{number} [data-unsent]")).to_be_visible()
    expect(page.locator("#unsent")).to_be_visible()
    expect(page.locator("#messages")).to_contain_text("could not be reached")
    assert [item.done_at for item in work_order.line_items.all()] == [None, None]
    page.evaluate(HALF_AN_HOUR_AGO)
    context.set_offline(False)
    expect(page.locator("#item-2.done")).to_be_visible()
    expect(page.locator("#item-1")).to_contain_text("sent later")
    expect(page.locator("#item-2")).not_to_contain_text("sent later")
    expect(page.locator("#unsent")).to_be_hidden()
    expect(page.locator("#messages")).not_to_contain_text("could not be reached")
    expect(page.locator("#item-1")).to_contain_text("“Breaker 4”")
    first, second = work_order.line_items.all()
    assert (first.done_by, second.done_by) == (dana, dana)
    assert 29 <= (first.received_at - first.done_at).total_seconds() / 60 <= 31
    assert page.evaluate(UNSENT_KEYS) == []


def test_a_tick_made_online_is_never_said_to_be_unsent(opened, work_order, dana):
    page = opened(dana, **PHONE)
    related(page, work_order)
    page.get_by_role("button", name="Done 1").click()
    expect(page.locator("#item-1.done")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page.evaluate(UNSENT_KEYS) == []
    expect(page.locator("[data-unsent]:visible")).to_have_count(0)
    expect(page.locator("#unsent")).to_be_hidden()


def test_ticks_that_another_page_left_behind_are_sent_when_it_is_opened_again(
    opened, work_order, dana
):
    page = opened(dana, **PHONE)
    related(page, work_order)
    page.context.set_offline(True)
    page.get_by_role("button", name="Done 1").click()
    expect(page.locator("#item-1 [data-unsent]")).to_be_visible()
    page.goto("about:blank")
    page.context.set_offline(False)
    related(page, work_order)
    expect(page.locator("#item-1.done")).to_be_visible()


def test_ticks_of_before_move_into_the_store_and_are_sent_and_anothers_are_deleted(
    opened, work_order, dana, omar
):
    page = opened(dana, **PHONE)
    related(page, work_order)
    lists = [f"{person.pk}-{work_order.number}" for person in (dana, omar)]
    page.evaluate(LEFT_BEFORE, lists)
    page.reload()
    expect(page.locator("#item-1.done")).to_contain_text("“Left before”")
    page.wait_for_function(f"async () => !(await ({UNSENT_KEYS})()).length")
    assert (
        page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('ticks:'))") == []
    )


def test_a_tick_that_is_refused_when_it_is_sent_later_says_why(opened, work_order, dana):
    page = opened(dana, **PHONE)
    related(page, work_order)
    page.context.set_offline(True)
    page.get_by_role("button", name="Done 2").click()
    expect(page.locator("#item-2 [data-unsent]")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("#messages")).to_contain_text(
        "Line item 2 was not taken: Line item 1 is not done yet"
    )
    expect(page.locator("#messages")).to_contain_text("What you typed is still here")
