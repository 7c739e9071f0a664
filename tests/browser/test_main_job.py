"""The shipped work order from the first page to the reason in the admin, as a partner and as staff,
with the mouse.
"""

import csv
import datetime as dt
import io

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import log_in, save_in_admin
from tests.factories import fresh
from workorders.dates import day_text
from workorders.models import MissedSLAReason


@pytest.mark.parametrize("scripted", [True, False])
def test_the_shipped_work_order(opened, new, dana, admin_user, scripted):
    dana_sees = opened(java_script_enabled=scripted)
    log_in(dana_sees, dana)
    staff_see = opened(admin_user, java_script_enabled=scripted, accept_downloads=True)
    accept(dana_sees, new)
    order_and_ship(staff_see, new)
    target_on = fresh(new).target_on
    follow_the_parts(dana_sees, new)
    book_too_late(dana_sees, new, target_on + dt.timedelta(days=7))
    find_the_reason(staff_see, new)
    deliver_and_undo(staff_see, new)
    receive_and_complete(dana_sees, new)


def accept(page: Page, work_order) -> None:
    page.goto("/work-orders/")
    page.get_by_role("link", name=work_order.number, exact=True).click()
    page.get_by_role("button", name="Accept").click()
    ship_to = {
        "Name": "Dana",
        "Phone Number": "+1 415 555 0100",
        "Shipping Address": "1 Depot Way",
        "City": "Oakland",
    }
    for label, text in (ship_to | {"Postal code": "94607", "Country": "US"}).items():
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_contain_text("Ship to Received")
    expect(page.locator("h1")).to_contain_text("Ship to Received")
    expect(page.locator(".facts")).to_contain_text("waiting for the delivery date")


def order_and_ship(page: Page, work_order) -> None:
    page.goto("/admin/workorders/workorder/")
    page.get_by_role("link", name=work_order.number, exact=True).click()
    page.get_by_role("link", name="Order the parts").click()
    save_in_admin(page)
    page.get_by_role("link", name="Add shipment").click()
    page.locator("[name=number]").fill("FSO-0300604")
    page.locator("[name=status]").select_option("shipped")
    page.locator("[name=carrier]").fill("FedEx")
    page.locator("[name=service]").fill("2Day")
    page.locator("[name=tracking_number]").fill("786601034275")
    page.locator("[name=pick_up_on]").fill(str(fresh(work_order).site_today()))
    page.locator("[name=parts]").fill("CBL-J1772*1*Charging cable")
    save_in_admin(page)
    expect(page.get_by_text("FSO-0300604").first).to_be_visible()
    assert fresh(work_order).status == "shipped"
    assert fresh(work_order).target_on is not None


def follow_the_parts(page: Page, work_order) -> None:
    page.goto(f"/work-orders/{work_order.number}/")
    page.get_by_role("navigation", name="Work order").get_by_role(
        "link", name="Related RMA / FSO"
    ).click()
    shipment = page.get_by_role("region", name="FSO-0300604")
    for words in (
        "FedEx 2Day",
        "786601034275",
        "counted from the pick-up",
        "CBL-J1772",
        "not delivered",
    ):
        expect(shipment).to_contain_text(words)
    expect(shipment.get_by_role("link", name="786601034275")).to_have_attribute(
        "href", "https://track.example/?n=786601034275"
    )


def book_too_late(page: Page, work_order, day: dt.date) -> None:
    page.get_by_role("navigation", name="Work order").get_by_role("link", name="Details").click()
    page.get_by_label("Appointment Date", exact=True).fill(f"{day}T09:00")
    page.get_by_label("Technician Name").fill("Tess Moreno")
    page.get_by_label("technician’s e-mail").fill("tess@voltfix.example")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Yes").click()
    page.get_by_label("Technician Availability").check()
    page.get_by_role("dialog").get_by_label("Note").fill("Tess is on leave")
    page.get_by_role("button", name="Ok").click()
    expect(page.locator(".facts")).to_contain_text(day_text(day))
    expect(page.get_by_text("None of your technicians is free by the target date.")).to_be_visible()


def find_the_reason(page: Page, work_order) -> None:
    page.goto("/admin/workorders/missedslareason/")
    row = page.locator("#result_list tbody tr")
    for words in (
        work_order.number,
        "VoltFix",
        "Technician Availability",
        "Tess is on leave",
        "Dana",
    ):
        expect(row).to_contain_text(words)
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert [line["Work Order Number"] for line in csv.DictReader(io.StringIO(text))] == [
        work_order.number
    ]
    assert MissedSLAReason.objects.get().business_days_late > 0


def deliver_and_undo(page: Page, work_order) -> None:
    page.goto(f"/admin/workorders/workorder/{work_order.pk}/change/")
    page.get_by_role("link", name="Mark delivered").click()
    save_in_admin(page)
    assert fresh(work_order).status == "in-progress"
    page.get_by_role("link", name="Undo").click()
    page.locator("[name=note]").fill("It was another parcel")
    save_in_admin(page)
    assert fresh(work_order).status == "shipped"


def receive_and_complete(page: Page, work_order) -> None:
    page.goto(f"/work-orders/{work_order.number}/")
    page.get_by_role("button", name="Parts received").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Reported by you as received")).to_be_visible()
    page.goto(f"/work-orders/{work_order.number}/related/")
    for number in (1, 2, 3):
        page.get_by_role("button", name=f"Done {number}").click()
        expect(page.locator(f"#item-{number}.done")).to_be_visible()
    page.get_by_role("button", name="Completed").click()
    expect(page.get_by_label("Work began")).not_to_be_empty()  # nobody pressed Start work: now
    page.get_by_role("button", name="Completed").click()
    expect(page.locator("h1")).to_contain_text("Completed")
    page.get_by_role("navigation", name="Work order").get_by_role("link", name="History").click()
    for words in (
        "Parts received: FSO-0300604",
        "“It was another parcel”",
        "Undone: Shipment updated",
        "Target SLA moved",
    ):
        expect(page.locator("main")).to_contain_text(words)
