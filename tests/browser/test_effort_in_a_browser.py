"""How many clicks and keys the daily work takes: accept and book one, book ten in a row, close a
job on a phone.
"""

import datetime as dt
import time

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from tests.factories import (
    book_on,
    fresh,
    make_accepted,
    make_entitlement,
    make_site,
    make_work_order,
)
from workorders import services
from workorders.models import WorkOrder
from workorders.services import Booking

DESK = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
TEN = 10


class Effort:
    """Counts what a person does with mouse, thumb and keys, and the seconds that it takes."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.keys, self.began = page, 0, 0, time.monotonic()

    def click(self, target: Locator) -> None:
        self.clicks += 1
        target.click()

    def press(self, key: str) -> None:
        self.keys += 1
        self.page.keyboard.press(key)

    def say(self, what: str) -> tuple[int, int]:
        seconds = time.monotonic() - self.began
        print(f"{what}: {self.clicks} clicks, {self.keys} keys, {seconds:.1f} s")  # noqa: T201
        return self.clicks, self.keys


@pytest.fixture
def booked_before(portal, dana, tess) -> WorkOrder:
    """Tess was booked in the territory before, for next week at half past nine."""
    row = make_accepted(dana, site=make_site("Depot Zero"), **unhurried())
    on = timezone.now().date() + dt.timedelta(days=14)
    at = dt.datetime.combine(on, dt.time(9, 30), row.site.zone)
    booking = Booking(at, tess.name, contact_email=tess.email, technician=tess)
    services.book_appointment(row, booking, by=dana)
    return fresh(row)


def unhurried() -> dict[str, object]:
    """Assigned today, with a target in four weeks: any of the ten days is in time."""
    entitlement = make_entitlement("Four weeks", 20)
    today = timezone.now().date()
    return {"parts_required": False, "assigned_on": today, "entitlement": entitlement}


def fill_in(effort: Effort, day: int = 0) -> None:
    """One of the ten days, and the technician unless one is proposed."""
    page = effort.page
    effort.click(page.locator("[data-day]").nth(day))
    if not page.locator("#technician").input_value():
        effort.click(page.locator("#technician"))
        effort.press("T")
        page.locator("#technician").select_option("Tess")


def test_accept_and_book_one(opened, booked_before, dana):
    new = make_work_order("WO-00100700", partner=dana.partner, **unhurried())
    page = opened(dana, **DESK)
    page.goto("/work-orders/?status=assigned")
    effort = Effort(page)
    effort.click(page.get_by_role("link", name=new.number, exact=True))
    effort.click(page.get_by_role("button", name="Accept"))
    expect(page.locator("#messages")).to_contain_text("Accepted")
    fill_in(effort)
    effort.click(page.get_by_role("button", name="Save", exact=True))
    expect(page.locator("#messages")).to_contain_text("Appointment booked")
    assert fresh(new).appointment.technician_name == "Tess"
    assert effort.say("Accept and book one") == (4, 0)


def test_book_ten_in_a_row(opened, booked_before, dana):
    rows = [
        make_accepted(dana, number=f"WO-001008{n:02}", site=make_site(f"Depot {n}"), **unhurried())
        for n in range(TEN)
    ]
    page = opened(dana, **DESK)
    page.goto("/work-orders/?needs=book&sort=number")
    effort = Effort(page)
    effort.click(page.locator("#list .book").first)
    for n in range(TEN):
        fill_in(effort, n)
        effort.click(page.get_by_role("button", name="Save and next"))
        expect(page.locator("#messages")).to_contain_text(f"WO-001008{n:02} is booked")
    expect(page.locator("#messages")).to_contain_text("nothing left to book")
    assert all(fresh(row).appointment for row in rows)
    assert effort.say("Book ten in a row") == (1 + 2 * TEN, 0)


def test_close_a_job_on_a_phone(opened, dana, tess, portal):
    steps = ("Lock out", "Replace the cable")
    row = make_accepted(dana, number="WO-00100900", line_items=steps, **unhurried())
    noon = dt.datetime.combine(row.site_today(), dt.time(12), row.site.zone)
    book_on(row, tess, at=noon)
    page = opened(tess, **PHONE)
    page.goto("/")
    effort = Effort(page)
    effort.click(page.get_by_role("button", name="Start work"))
    expect(page.locator("#main")).to_contain_text("At work since")
    for n in (1, 2):
        effort.click(page.get_by_role("button", name=f"Done {n}"))
        expect(page.locator(f"#item-{n}.done")).to_be_visible()
    effort.click(page.locator("#actions").get_by_role("button", name="Completed"))
    expect(page.locator("h1")).to_contain_text("Completed")
    assert effort.say("Close a job on a phone") == (4, 0)
