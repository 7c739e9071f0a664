"""Parts beyond their delivery: reported and replaced, sent back, and the page of all that
is owed.
"""

import datetime as dt
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LOOKS, save_in_admin, violations
from tests.factories import book_on, fresh
from tests.workorders.services.files.test_photos import photo
from tests.workorders.uploads import PDF, add
from workorders import services
from workorders.dates import day_text
from workorders.models import PartReport, Shipment
from workorders.services import Part, ShipmentDetails
from workorders.states import Direction, PartProblem, ShipmentKind


@pytest.fixture
def arrived(shipped):
    """Its cables came today; an old one goes back within the week."""
    today = shipped.site_today()
    came = ShipmentDetails(ShipmentKind.FSO, status="delivered", delivered_on=today)
    services.enter_shipment(
        shipped, "FSO-1", came, parts=[Part("CBL-23", 2, "Charging cable")], by=None
    )
    due = today + dt.timedelta(days=7)
    back = ShipmentDetails(ShipmentKind.RMA, Direction.RETURN, required=False, return_due_on=due)
    services.enter_shipment(
        fresh(shipped), "RMA-1", back, parts=[Part("CBL-21", 1, "Old cable")], by=None
    )
    return fresh(shipped)


@pytest.mark.parametrize("scripted", [True, False])
def test_a_damaged_part_is_reported_with_photos_and_replaced(
    opened, arrived, tess, admin_user, scripted, tmp_path
):
    book_on(arrived, tess)
    tess_sees = opened(tess, java_script_enabled=scripted, viewport={"width": 390, "height": 800})
    tess_sees.goto(f"/work-orders/{arrived.number}/rma-fso/")
    tess_sees.get_by_role("button", name="Report damaged or missing parts of FSO-1").click()
    tess_sees.get_by_label("Damaged").check()
    tess_sees.get_by_label("How many").fill("2")
    tess_sees.get_by_label("Note").fill("Both housings are cracked")
    attach(tess_sees, tmp_path, scripted)
    tess_sees.get_by_role("button", name="Report", exact=True).click()
    expect(tess_sees.locator(".field-error")).to_contain_text("bad.jpg: This is not a JPEG")
    expect(tess_sees.get_by_label("Note")).to_have_value("Both housings are cracked")
    expect(tess_sees.get_by_label("one.jpg")).to_be_checked()
    assert (violations(tess_sees) if scripted else []) == []
    tess_sees.get_by_role("button", name="Report", exact=True).click()
    shipment = tess_sees.get_by_role("region", name="FSO-1")
    expect(shipment).to_contain_text("2 × CBL-23 damaged, waiting for ChargePoint.")
    names = ["one.jpg", "camera.jpg"] if scripted else ["one.jpg"]
    assert [file.name for file in PartReport.objects.get().photos.all()] == names
    expect(shipment.locator(".thumb")).to_have_count(len(names))
    replace(opened(admin_user, java_script_enabled=scripted), arrived, photos=len(names))
    tess_sees.reload()
    expect(shipment).to_contain_text("replacement FSO-2 is under way")
    row = fresh(arrived)
    assert row.status == "in-progress"
    assert row.target_on > arrived.target_on
    expect(tess_sees.get_by_role("region", name="FSO-2")).to_contain_text(day_text(edd(row)))
    tess_sees.get_by_role("navigation", name="Work order").get_by_role(
        "link", name="Details"
    ).click()
    expect(tess_sees.locator(".facts").first).to_contain_text(day_text(row.target_on))
    expect(tess_sees.locator("#why")).to_contain_text("Delivery of FSO-2 expected")
    assert (violations(tess_sees) if scripted else []) == []


def edd(work_order) -> dt.date:
    return work_order.site_today() + dt.timedelta(days=7)


def attach(page: Page, folder: Path, scripted: bool) -> None:
    """A photo, one that is none, and with the script another from the camera and one that is left
    out again.
    """
    for name in ("one.jpg", "two.jpg", "camera.jpg"):
        (folder / name).write_bytes(photo(size=(60, 40)))
    (folder / "bad.jpg").write_bytes(b"MZ" * 100)
    page.get_by_label("Photos of it").set_input_files([folder / "one.jpg", folder / "bad.jpg"])
    if scripted:
        page.get_by_label("Photos of it").set_input_files(folder / "two.jpg")
        page.locator("[data-camera]").set_input_files(folder / "camera.jpg")
        page.get_by_role("button", name="Leave out two.jpg").click()
        expect(page.locator("#chosen li")).to_have_count(3)


def replace(page: Page, work_order, *, photos: int) -> None:
    """Staff see what came, send another one, and say when it will be there."""
    page.goto("/admin/workorders/workorder/?reported=open")
    page.get_by_role("link", name=work_order.number, exact=True).click()
    report = page.locator(
        "section", has=page.get_by_role("heading", name="Parts damaged or missing")
    )
    expect(report).to_contain_text("“Both housings are cracked”")
    expect(report.locator("img")).to_have_count(photos)
    page.get_by_role("link", name="Send a replacement").click()
    expect(page.locator("[name=parts]")).to_have_value("CBL-23*2*Charging cable")
    page.locator("[name=number]").fill("FSO-2")
    save_in_admin(page)
    expect(page.get_by_text("The replacement is on the work order.")).to_be_visible()
    assert fresh(work_order).waits_for == "delivery"
    page.get_by_role("link", name="Mark shipped FSO-2").click()
    page.locator("[name=estimated_delivery_on]").fill(str(edd(work_order)))
    save_in_admin(page)
    expect(page.get_by_role("row", name="FSO-2")).to_contain_text("carrier’s own")


@pytest.mark.parametrize("scripted", [True, False])
def test_an_owed_part_is_sent_back(opened, arrived, dana, scripted):
    page = opened(dana, java_script_enabled=scripted)
    page.goto("/work-orders/")
    page.get_by_role("link", name="Parts Owed").click()
    row = page.get_by_role("row", name="RMA-1")
    for words in (
        day_text(arrived.site_today() + dt.timedelta(days=7)),
        "send back in",
        "1 × CBL-21",
        "Old cable",
    ):
        expect(row).to_contain_text(words)
    row.get_by_role("link", name="Sent back RMA-1").click()
    page.get_by_label("Carrier").fill("UPS")
    page.get_by_label("Tracking Number").fill("1Z999")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="RMA-1")).to_contain_text("on its way back")
    sent = Shipment.objects.get(number="RMA-1")
    assert (sent.status, sent.tracking_number, sent.sent_on) == (
        "shipped",
        "1Z999",
        arrived.site_today(),
    )


def test_the_keyboard_alone_reports_a_part(opened, arrived, dana):
    page = opened(dana)
    page.goto(f"/work-orders/{arrived.number}/report-parts/")
    page.locator("[name=part]").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # damaged
    page.keyboard.press("Tab")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    page.wait_for_url("**/rma-fso/")
    made = PartReport.objects.get()
    assert (made.problem, made.quantity) == ("damaged", 2)


@LOOKS
def test_axe_finds_nothing_and_nothing_is_lost(opened, arrived, dana, staff, theme, width):
    part, shown = (
        arrived.shipments.get(number="FSO-1").parts.get(),
        add(arrived, dana, photo(size=(640, 480))),
    )
    missing = {"part": part.pk, "problem": PartProblem.MISSING, "quantity": 1, "note": "Not there"}
    services.report_part(arrived, **missing, photos=[shown.upload_key], by=dana)
    add(arrived, staff, PDF, "label.pdf", shipment=arrived.shipments.get(number="RMA-1"))
    back = ShipmentDetails(ShipmentKind.RMA, Direction.RETURN, required=False)
    services.enter_shipment(fresh(arrived), "RMA-2", back, by=None)
    services.waive_return(fresh(arrived), number="RMA-2", note="Scrap it on site", by=staff)
    page = opened(dana, color_scheme=theme, viewport={"width": width, "height": 800})
    wrong = []
    for name in ("rma-fso", "parts-sent-back", "report-parts", "owed"):
        page.goto("/parts-owed/" if name == "owed" else f"/work-orders/{arrived.number}/{name}/")
        wrong += [f"{name} {violation}" for violation in violations(page)]
        if page.evaluate("document.scrollingElement.scrollWidth") > width:
            wrong.append(f"{name} is wider than {width}")
    assert wrong == []
    if width < 900:
        expect(page.get_by_role("link", name="Sent back RMA-1")).to_be_visible()
        page.locator("#user-menu summary").click()
        expect(page.locator("#user-menu").get_by_role("link", name="Parts Owed")).to_be_visible()
