"""Technicians: onboarded, chosen, at work on the phone, offboarded; and what each side
sees of it.
"""

import datetime as dt
import io

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from portal.outbox.models import Message
from portal.people.models import Certification
from tests.browser.conftest import violations
from tests.factories import PASSWORD, book_on, fresh, make_accepted
from workorders.models import WorkOrder

PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "color_scheme": "dark"}


@pytest.fixture
def work_order(portal, dana) -> WorkOrder:
    """In Progress since yesterday."""
    assigned_on = timezone.now().date() - dt.timedelta(days=1)
    steps = ("Lock out the station", "Replace the cable [photo]")
    return make_accepted(
        dana, number="WO-00100300", parts_required=False, line_items=steps, assigned_on=assigned_on
    )


def test_from_the_invitation_to_the_visit_and_out_again(opened, work_order, dana, tess, portal):
    Certification.objects.create(
        technician=tess,
        name="CP6000 repair",
        number="CP-1",
        expires_on=timezone.now().date() + dt.timedelta(days=400),
    )
    office = opened(dana)
    lee = onboard(office, opened(**PHONE))
    book(office, work_order)
    lee.goto("/work-orders/")
    expect(lee.get_by_role("link", name=work_order.number, exact=True)).to_be_visible()
    lee.get_by_role("link", name=work_order.number, exact=True).click()
    expect(lee.get_by_role("button", name="Start work")).to_be_in_viewport()
    assert violations(lee) == []
    offboard(office, work_order)
    lee.reload()
    lee.wait_for_url("**/login/**")


def onboard(office: Page, phone: Page) -> Page:
    office.goto("/technicians/")
    assert violations(office) == []
    office.get_by_label("Name").fill("Lee Ito")
    office.get_by_label("E-mail").fill("lee@elsewhere.example")
    office.get_by_role("button", name="Onboard").click()
    expect(office.locator("#email_error")).to_contain_text(
        "Addresses of VoltFix must end with @voltfix.example."
    )
    office.get_by_label("E-mail").fill("lee@voltfix.example")
    office.keyboard.press("Enter")
    expect(office.locator("#messages")).to_contain_text("Lee Ito was added")
    link = next(word for word in Message.objects.get().body.split() if "/invitations/" in word)
    phone.goto(link[link.index("/invitations/") :])
    for field in phone.locator("input[type=password]").all():
        field.fill(PASSWORD)
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/today/")
    return phone


def book(office: Page, work_order: WorkOrder) -> None:
    """By the list of technicians: Lee brings their address, and is not certified; a typed name lets
    go of them.
    """
    office.goto(f"/work-orders/{work_order.number}/#appointment")
    options = office.locator("#technician option").all_text_contents()
    assert [option.partition(" (")[0] for option in options] == [
        "Someone else: type the name",
        "Tess",
        "Lee Ito",
    ]
    office.locator("#appointment_at").fill(f"{fresh(work_order).target_on}T16:00")
    office.get_by_label("Technician", exact=True).select_option("Lee Ito")
    expect(office.locator("#contact_email")).to_have_value("lee@voltfix.example")
    expect(office.locator("#remarks")).to_contain_text("Lee Ito is not certified.")
    office.locator("#technician_name").fill("Robin")
    office.keyboard.press("Tab")
    expect(office.locator("#remarks")).to_contain_text("Robin is not one of your technicians")
    expect(office.get_by_label("Technician", exact=True)).to_have_value("")
    assert violations(office) == []
    office.get_by_label("Technician", exact=True).select_option("Lee Ito")
    expect(office.locator("#technician_name")).to_have_value("Lee Ito")
    office.get_by_role("button", name="Save").click()
    expect(office.locator("#messages")).to_contain_text("Appointment booked")


def offboard(office: Page, work_order: WorkOrder) -> None:
    office.goto("/technicians/")
    office.get_by_role("link", name="Offboard Lee Ito").click()
    expect(office.locator("main")).to_contain_text("1 appointment loses the technician")
    assert violations(office) == []
    office.get_by_role("button", name="Offboard").click()
    expect(office.locator("#messages")).to_contain_text(
        f"These no longer have a technician: {work_order.number}."
    )
    office.goto(f"/work-orders/{work_order.number}/")
    expect(office.locator("#remarks")).to_contain_text(
        "Lee Ito has been offboarded. Choose another technician."
    )


def test_on_a_slow_line_nothing_takes_away_what_was_typed_meanwhile(opened, work_order, tess, dana):
    """Date and technician changed at once; the answers come after another name was typed,
    or never.
    """
    page, held = opened(dana), []
    page.goto(f"/work-orders/{work_order.number}/#appointment")
    page.route("**/technician/?*", lambda route: held.append(route), times=1)
    page.locator("#appointment_at").fill(f"{fresh(work_order).target_on}T16:00")
    page.locator("#technician").select_option("Tess")
    expect(page.locator("#contact_email")).to_have_value("tess@voltfix.example")
    page.locator("#technician").select_option("")
    expect(page.locator("#contact_email")).to_have_value("")
    page.locator("#technician").select_option("Tess")
    page.locator("#technician_name").fill("Robin")
    page.locator("#contact_phone").fill("+1 415 555 0111")
    page.locator("#contact_phone").blur()
    held[0].continue_()
    expect(page.locator("#remarks")).to_contain_text("Robin is not one of your technicians")
    typed = [
        page.locator(f"#{field}").input_value()
        for field in ("technician", "technician_name", "contact_phone")
    ]
    assert typed == ["", "Robin", "+1 415 555 0111"]


def test_a_day_on_the_phone_with_the_bar_at_the_thumb(opened, work_order, tess):
    book_on(work_order, tess)
    page = opened(tess, **PHONE)
    page.goto(f"/work-orders/{work_order.number}/")
    page.get_by_role("button", name="Start work").tap()
    expect(page.locator("#main")).to_contain_text("At work since")
    page.get_by_role("button", name="Done 1").tap()
    expect(page.locator("#item-1.done")).to_be_visible()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("link", name="Add it to 2").tap()
    chooser.value.set_files({"name": "cable.png", "mimeType": "image/png", "buffer": png()})
    expect(page.locator("#file-list li")).to_contain_text("2. Replace the cable")
    page.get_by_role("button", name="Done 2").tap()
    expect(page.locator("#item-2.done")).to_be_visible()  # with it comes a new bar
    bar = page.locator("#actions")
    expect(bar.get_by_role("button", name="Completed")).to_be_in_viewport()
    page.locator("#more summary").tap()
    for words in ("End the visit", "Could Not Complete"):
        expect(bar.get_by_role("button", name=words)).to_be_visible()
    boxes = [one.bounding_box() for one in bar.locator(":is(a, button, summary):visible").all()]
    assert [box["height"] for box in boxes if box["height"] < 44] == []
    assert violations(page) == []
    page.locator("#more summary").tap()
    bar.get_by_role("button", name="Completed").tap()
    expect(page.locator("h1")).to_contain_text("Completed")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def png() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(content, "PNG")
    return content.getvalue()
