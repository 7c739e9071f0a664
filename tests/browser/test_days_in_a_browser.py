"""The ten days beside Appointment Date: by keyboard, by touch, without JavaScript; and moments in
one's own time.
"""

import datetime as dt
import re

import pytest
from playwright.sync_api import Page, expect

from tests.factories import fresh, make_user
from workorders import services
from workorders.models import Appointment, WorkOrder


def days_of(work_order: WorkOrder) -> list[str]:
    today = fresh(work_order).site_today()
    return [str(today + dt.timedelta(days=ahead)) for ahead in range(10)]


def field(page: Page):
    return page.get_by_label("Appointment Date", exact=True)


def day(page: Page, iso: str):
    return page.locator(f"[data-day='{iso}']")


def marked(page: Page) -> list[str]:
    return page.locator("[data-day][aria-current]").evaluate_all(
        "days => days.map(day => day.dataset.day)"
    )


@pytest.mark.parametrize("width", [1280, 390])
def test_arrows_move_between_the_days_and_enter_takes_one(opened, shipped, dana, width):
    page, days = opened(dana, viewport={"width": width, "height": 800}), days_of(shipped)
    url = f"/work-orders/{shipped.number}/"
    page.goto(url)
    day(page, days[0]).focus()
    for key in ("ArrowLeft", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    expect(day(page, days[2])).to_be_focused()
    expect(field(page)).to_have_value("")
    page.keyboard.press("Enter")
    expect(field(page)).to_have_value(f"{days[2]}T09:00")
    expect(day(page, days[2])).to_be_focused()
    assert marked(page) == [days[2]]
    page.keyboard.press("Tab")
    expect(field(page)).to_be_focused()  # the ten days are one stop
    page.keyboard.press("Shift+Tab")
    expect(day(page, days[2])).to_be_focused()
    assert page.url.endswith(url)
    assert Appointment.objects.count() == 0


def test_a_day_keeps_the_hour_that_was_typed_and_all_the_rest(opened, shipped, dana):
    page, days = opened(dana), days_of(shipped)
    page.goto(f"/work-orders/{shipped.number}/")
    page.get_by_label("Technician Name").fill("Tess Moreno")
    field(page).fill(f"{days[3]}T14:30")
    assert marked(page) == [days[3]]
    day(page, days[5]).click()
    expect(field(page)).to_have_value(f"{days[5]}T14:30")
    expect(page.get_by_label("Technician Name")).to_have_value("Tess Moreno")
    assert marked(page) == [days[5]]
    field(page).fill(f"{dt.date.fromisoformat(days[0]) + dt.timedelta(days=400)}T09:00")
    assert marked(page) == []
    field(page).fill("")
    assert marked(page) == []


def test_a_thumb_takes_a_day(opened, shipped, dana):
    page, days = (
        opened(dana, viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True),
        days_of(shipped),
    )
    page.goto(f"/work-orders/{shipped.number}/")
    for iso in (days[1], days[9]):
        day(page, iso).tap()
        expect(field(page)).to_have_value(f"{iso}T09:00")
    boxes = page.locator("[data-day]").evaluate_all(
        "days => days.map(day => day.getBoundingClientRect())"
    )
    assert min(min(box["width"], box["height"]) for box in boxes) >= 44


def test_the_days_work_on_after_an_error(opened, shipped, dana):
    page, days = opened(dana), days_of(shipped)
    page.goto(f"/work-orders/{shipped.number}/")
    day(page, days[3]).click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#technician_name_error")).to_be_visible()
    assert marked(page) == [days[3]]
    day(page, days[3]).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(field(page)).to_have_value(f"{days[4]}T09:00")


def test_without_javascript_a_day_is_a_link(opened, shipped, dana):
    page, days = opened(dana, java_script_enabled=False), days_of(shipped)
    page.goto(f"/work-orders/{shipped.number}/?back=status%3Dshipped")
    day(page, days[3]).click()
    page.wait_for_url(f"**/?day={days[3]}&back=status%3Dshipped#appointment")
    expect(field(page)).to_have_value(f"{days[3]}T09:00")
    expect(day(page, days[3])).to_have_attribute("aria-current", "true")


# --- Moments in the viewer's own time
@pytest.fixture
def booked(shipped, dana) -> WorkOrder:
    at = dt.datetime.combine(fresh(shipped).target_on, dt.time(9), fresh(shipped).site.zone)
    return services.book_appointment(
        fresh(shipped), services.Booking(at, "Tess", "+1 415 555 0188"), by=dana
    )


@pytest.mark.parametrize(
    ("zone", "hour"), [("Asia/Tokyo", "AM GMT+9"), ("America/Los_Angeles", None)]
)
def test_a_moment_says_the_viewers_own_time_where_it_differs(opened, booked, dana, zone, hour):
    page = opened(dana, timezone_id=zone)
    page.goto(f"/work-orders/{booked.number}/")
    titles = page.locator("time[datetime*=T]").evaluate_all(
        "times => times.map(time => time.title)"
    )
    own_time = f"Your time: .+{re.escape(hour)}" if hour else ""
    assert titles
    assert [title for title in titles if not re.fullmatch(own_time, title)] == []


def test_a_moment_that_htmx_brings_says_it_too(opened, shipped, dana):
    page = opened(dana, timezone_id="Asia/Tokyo")
    page.goto(f"/work-orders/{shipped.number}/")
    eve = make_user("eve@voltfix.example", partner=dana.partner)
    at = dt.datetime.combine(fresh(shipped).target_on, dt.time(9), fresh(shipped).site.zone)
    services.book_appointment(
        fresh(shipped), services.Booking(at, "Eve", "+1 415 555 0188"), by=eve
    )
    field(page).fill(f"{fresh(shipped).target_on}T10:00")
    page.get_by_label("Technician Name").fill("Tess Moreno")
    page.get_by_label("technician’s phone").fill("+1 415 555 0188")
    page.get_by_role("button", name="Save").click()
    news = page.locator("#customer .notice time").last
    expect(news).to_have_attribute("title", "Your time: " + own_time(at))


def own_time(at: dt.datetime) -> str:
    there = at.astimezone(dt.timezone(dt.timedelta(hours=9)))
    return f"{there:%a, %b} {there.day}, {there.hour % 12 or 12}:{there:%M %p} GMT+9"
