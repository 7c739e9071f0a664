"""Whole lives of a work order, as both sides see them: partners on the phone, staff in the
admin.
"""

import pytest
from django.utils import timezone
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import save_in_admin, violations
from tests.factories import SHIP_TO, fresh, make_carrier_service, make_work_order
from tests.workorders.services.files.test_photos import photo
from workorders import services
from workorders.models import WorkOrder

pytestmark = pytest.mark.slow

PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True}
TABS = ("", "related/", "rma-fso/", "collaborate/", "history/")


@pytest.fixture
def work_order(portal, dana) -> WorkOrder:
    """Assigned to VoltFix today."""
    make_carrier_service()
    steps = ("Lock out the station", "Replace the cable [serial] [photo]")
    return make_work_order("WO-00100300", line_items=steps, assigned_on=timezone.now().date())


def picture(name: str) -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": photo(size=(64, 48))}


def says(page: Page, *words: str, where: str = "#main") -> None:
    for each in words:
        expect(page.locator(where)).to_contain_text(each)


def take_step(page: Page, name: str, **typed: str) -> None:
    """A step of staff's, with its form."""
    page.locator("#content-main").get_by_role("link", name=name).click()
    for field, text in typed.items():
        page.locator(f"[name={field}]").fill(text)
    save_in_admin(page)
    expect(page.locator(".messagelist .success")).to_be_visible()


def find_in_the_day(page: Page, label: str, work_order: WorkOrder) -> None:
    """From the admin's first page by what waits to the work order."""
    page.goto("/admin/")
    waiting = page.locator(".day").get_by_role("link", name=label)
    expect(waiting).to_contain_text("1")
    waiting.click()
    page.get_by_role("link", name=work_order.number, exact=True).click()


# --- Accepted, shipped, at work, not yet, completed, sent back, completed, closed


def test_from_assigned_to_closed_by_way_of_a_second_cycle(opened, work_order, dana, admin_user):
    phone, office = opened(dana, **PHONE), opened(admin_user)
    accept_by_keyboard(phone, work_order)
    parts_come(office, work_order)
    work_until_nothing_is_missing(phone, work_order)
    find_in_the_day(office, "Completed, to close", work_order)
    office.get_by_role("link", name="Send back").click()
    office.get_by_label("2. Replace the cable").check()
    office.locator("[name=note]").fill("The cover is loose")
    save_in_admin(office)
    work_again(phone, work_order)
    find_in_the_day(office, "Completed, to close", work_order)
    take_step(office, "Close the work order")
    phone.goto(f"/work-orders/{work_order.number}/history/")
    says(phone, "Closed", where="h1")
    says(
        phone,
        "Sent back",
        "“The cover is loose”",
        "reopened 2. Replace the cable",
        "Closed",
    )
    expect(phone.locator("#actions")).to_have_count(0)
    assert violations(phone) == []
    row = fresh(work_order)
    assert (row.status, row.cycle, row.visits.count(), row.files.count()) == ("closed", 2, 2, 2)
    assert (row.outcome_days_late, row.outcomes.get().cycle) == (0, 2)


def accept_by_keyboard(phone: Page, work_order: WorkOrder) -> None:
    phone.goto(f"/work-orders/{work_order.number}/")
    phone.get_by_role("button", name="Accept").focus()
    phone.keyboard.press("Enter")
    phone.get_by_label("Name", exact=True).focus()
    assert violations(phone) == []
    for text in (*SHIP_TO[:2], *SHIP_TO[2:6], ""):
        phone.keyboard.type(text)
        phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    says(phone, "Ship to Received", where="h1")
    says(phone, "waiting for the delivery date", SHIP_TO.street)


def tap_in_the_bar(page: Page, name: str) -> None:
    page.locator("#more summary").tap()
    page.locator("#more").get_by_role("button", name=name).tap()


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Work order").get_by_role(
        "link", name=name, exact=True
    ).tap()


def parts_come(office: Page, work_order: WorkOrder) -> None:
    find_in_the_day(office, "Parts to order", work_order)
    take_step(office, "Order the parts")
    today = str(fresh(work_order).site_today())
    shipment = {
        "number": "FSO-1",
        "carrier": "FedEx",
        "service": "2Day",
        "parts": "CBL-23*1*Charging cable",
    }
    take_step(office, "Add shipment", **shipment)
    take_step(office, "Mark shipped", pick_up_on=today, tracking_number="786601034275")
    take_step(office, "Mark delivered", delivered_on=today)
    says(office, "In Progress", where="#content-main")


def work_until_nothing_is_missing(phone: Page, work_order: WorkOrder) -> None:
    phone.goto(f"/work-orders/{work_order.number}/")
    says(phone, "FSO-1 delivered", "in 1 business day", where=".facts")
    phone.get_by_role("button", name="Start work").tap()
    says(phone, "At work since")
    open_tab(phone, "Related")
    phone.locator("#note-1").fill("Breaker 4")
    phone.get_by_role("button", name="Done 1").tap()
    says(phone, "“Breaker 4”", where="#item-1.done")
    tap_in_the_bar(phone, "Completed")
    expect(phone.get_by_role("heading", name="Not yet")).to_be_visible()
    says(phone, "Line item 2 is not done.", "Line item 2 needs a photo.", where="#blockers")
    assert violations(phone) == []
    phone.get_by_role("link", name="Line item 2 needs a photo").tap()
    expect(phone.locator("#item-2")).to_be_in_viewport()
    prove(phone, "new.jpg")
    phone.get_by_role("button", name="Done 2").tap()
    expect(phone.locator("#item-2.done")).to_be_visible()
    phone.locator("#missing summary").tap()
    phone.get_by_role("link", name="The serial of the new part is missing on line item 2.").tap()
    phone.locator("#serial-2").fill("C-77")
    small = [
        box["height"]
        for one in controls(phone)
        if (box := one.bounding_box()) and box["height"] < 44
    ]
    assert (small, violations(phone)) == ([], [])
    phone.get_by_role("button", name="Save 2").tap()
    expect(phone.locator("#missing")).to_have_count(0)
    phone.get_by_role("button", name="Completed").tap()
    says(phone, "Completed", where="h1")
    says(phone, "met", where=".facts")
    assert violations(phone) == []


def controls(page: Page) -> list:
    return page.locator("#line-items :is(button, input):visible").all()


def prove(phone: Page, name: str) -> None:
    """A photo for the second line item, from where it is asked for."""
    with phone.expect_file_chooser() as chooser:
        phone.get_by_role("link", name="Add it to 2").tap()
    chooser.value.set_files(picture(name))
    expect(phone.locator("#file-list").get_by_role("img", name=name)).to_be_visible()


def work_again(phone: Page, work_order: WorkOrder) -> None:
    """The new cycle asks for its own visit, and for the second line item and its photo
    once more.
    """
    phone.goto(f"/work-orders/{work_order.number}/related/")
    says(phone, "This is cycle 2", "the outcome of the first cycle does not change")
    says(phone, "to be done again", "A new photo is required", where="#item-2")
    expect(phone.locator("#item-1.done")).to_be_visible()
    phone.locator("#missing summary").tap()
    says(
        phone,
        "Line item 2 is not done.",
        "Line item 2 needs a new photo",
        where="#blockers",
    )
    assert violations(phone) == []
    phone.get_by_role("button", name="Start work").tap()
    says(phone, "At work since")
    open_tab(phone, "Related")
    prove(phone, "again.jpg")
    phone.get_by_role("button", name="Done 2").tap()
    expect(phone.locator("#missing")).to_have_count(0)
    tap_in_the_bar(phone, "End the visit")
    done = phone.get_by_role("button", name="The work is done")
    expect(done).to_be_visible()
    assert violations(phone) == []
    done.tap()
    phone.get_by_role("button", name="Completed").tap()
    says(phone, "Completed", where="h1")


# --- Declined, and another partner's


def test_declined_work_goes_to_another_partner_who_sees_nothing_of_the_first(
    opened, work_order, dana, omar, admin_user
):
    said = ("Nobody is free before May", "Ask for the pink ladder", "Our price is secret")
    services.note_requirements(work_order, text=said[1], by=dana)
    services.comment(work_order, body=said[2], by=dana)
    first, office, second = (
        opened(dana, **PHONE),
        opened(admin_user),
        opened(omar, **PHONE, color_scheme="dark"),
    )
    decline(first, work_order, said[0])
    find_in_the_day(office, "Declined", work_order)
    says(office, "No capacity", said[0], where="#content-main")
    reassign(office, work_order)
    assert first.goto(f"/work-orders/{work_order.number}/").status == 404
    second.goto("/work-orders/")
    second.get_by_role("link", name=work_order.number, exact=True).tap()
    says(second, "Assigned", where="h1")
    for tab in TABS:
        second.goto(f"/work-orders/{work_order.number}/{tab}")
        text = second.locator("body").inner_text()
        assert [
            word
            for word in (*said, "VoltFix", dana.name, "No capacity", "Could Not Complete:")
            if word in text
        ] == []
        assert violations(second) == []
    says(second, "Nothing here yet")
    accept_anew(second, work_order)
    row = fresh(work_order)
    assert (row.status, row.partner, row.give_up_reason) == ("ship-to-received", omar.partner, "")


def decline(page: Page, work_order: WorkOrder, note: str) -> None:
    page.goto(f"/work-orders/{work_order.number}/")
    tap_in_the_bar(page, "Could Not Complete")
    submit = page.locator("#main form").get_by_role("button", name="Could Not Complete")
    submit.tap()
    expect(page.locator(".field-error").first).to_be_visible()
    page.get_by_label("Reason").select_option("No capacity")
    page.get_by_label("Note").fill(note)
    assert violations(page) == []
    submit.tap()
    says(page, "Could Not Complete: No capacity")
    expect(page.locator("#actions")).to_have_count(0)
    assert violations(page) == []


def reassign(office: Page, work_order: WorkOrder) -> None:
    office.get_by_role("link", name="Reassign", exact=True).click()
    office.get_by_label("Partner").select_option("Amped Field Services")
    save_in_admin(office)
    says(
        office,
        f"The work order is reassigned. {work_order.number} is Assigned.",
        where=".messagelist",
    )


def accept_anew(page: Page, work_order: WorkOrder) -> None:
    page.goto(f"/work-orders/{work_order.number}/accept/")
    expect(page.get_by_label("Shipping Address")).to_have_value("")
    for label, text in zip(
        ("Name", "Phone Number", "Shipping Address", "City"), SHIP_TO, strict=False
    ):
        page.get_by_label(label, exact=label == "Name").fill(text)
    page.get_by_label("Postal code").fill(SHIP_TO.postal_code)
    page.get_by_role("button", name="Save").tap()
    says(page, "Ship to Received", where="h1")
