"""Print: a work order as a packet on paper, black on white, with nothing on it that can only be
pressed or typed.
"""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import A_TUESDAY
from tests.factories import SHIP_TO, fresh, make_accepted, ship
from workorders import services
from workorders.models import WorkOrder
from workorders.services import Part
from workorders.states import Direction, ShipmentKind

A4_WIDTH = 688  # pixels between the margins
PACKET = [
    *(
        "WO-00100300",
        "Target SLA",
        "Appointment Date",
        "The cable of the left port is worn.",
        "A ladder of 3 m",
    ),
    *(
        "1. Lock out the station",
        "Asks for the serial of the new part and a photo.",
        "Mission Creek Offices",
    ),
    *(
        "640 Channel St",
        "P2, gate code 4411",
        "CP6000",
        "Priya Natarajan",
        "+1 415 555 0187",
        "priya@site.example",
    ),
    *(
        "Lee Osei",
        "+1 415 555 0190",
        "FSO-1",
        "786601034275",
        "1 × CBL-23 Charging cable",
        "RMA-1 goes back",
    ),
    *("Tess", "tess@voltfix.example", SHIP_TO.street, "Printed from ChargePoint’s Partner Portal"),
]
OTHERS = {  # a technician's page, and the other tabs
    "related/": [
        "1. Lock out the station",
        "A photo is required",
        "A ladder of 3 m",
        "P2, gate code 4411",
    ],
    "rma-fso/": ["FSO-1", "786601034275", "CBL-23", "Send back by"],
    "collaborate/": ["POC asks for the morning."],
    "history/": ["Accepted", "Appointment booked"],
}
JOB = [
    "640 Channel St",
    "P2, gate code 4411",
    "+1 415 555 0187",
    "+1 415 555 0190",
    "2. Replace the cable",
    "FSO-1",
]

DELIVERED = services.ShipmentDetails(
    ShipmentKind.FSO, status="delivered", delivered_on=A_TUESDAY.date()
)
BOX = (
    "el => getComputedStyle(el.matches('.items > *') ? el.firstElementChild : el,"
    " '::before').borderTopWidth"
)


@pytest.fixture
def work_order(portal, dana, tess) -> WorkOrder:
    """Shipped, with all that a packet can hold; Tess is booked."""
    steps = ("Lock out the station", "Replace the cable [serial] [photo]")
    asked = {"access_notes": "P2, gate code 4411", "return_parts_required": True}
    row = make_accepted(dana, number="WO-00100300", line_items=steps, **asked)
    services.note_requirements(row, text="A ladder of 3 m", by=dana)
    services.add_second_poc(
        row, services.POC("Lee Osei", "+1 415 555 0190", "lee@site.example"), by=dana
    )
    services.comment(row, body="POC asks for the morning.", by=dana)
    ship(
        row,
        "RMA-1",
        kind=ShipmentKind.RMA,
        status="ordered",
        direction=Direction.RETURN,
        required=False,
    )
    details = services.ShipmentDetails(
        ShipmentKind.FSO, status="shipped", carrier="FedEx", tracking_number="786601034275"
    )
    services.enter_shipment(
        row, "FSO-1", details, parts=[Part("CBL-23", 1, "Charging cable")], by=None
    )
    at = row.ledger.latest("pk").at
    booking = services.Booking(
        at, tess.name, contact_email=tess.email, technician=tess, confirmed_past=at.date()
    )
    services.book_appointment(fresh(row), booking, by=dana)
    return fresh(row)


def on_paper(page: Page, work_order: WorkOrder, tab: str, words: list[str]) -> None:
    page.goto(f"/work-orders/{work_order.number}/{tab}")
    text = page.locator("body").inner_text()
    assert [word for word in words if word not in text] == []
    controls = page.locator("form, button, select, input, [role=button], nav, summary:not(.tale *)")
    assert [one.inner_text() for one in controls.all() if one.is_visible()] == []
    look = "el => [getComputedStyle(el).color, getComputedStyle(el).backgroundColor]"
    assert page.locator("body").evaluate(look) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert page.evaluate("document.scrollingElement.scrollWidth") <= A4_WIDTH


def test_a_work_order_prints_as_a_packet_from_a_dark_page_too(opened, work_order, dana, tess):
    look = {"color_scheme": "dark", "viewport": {"width": A4_WIDTH, "height": 900}}
    for person, pages in ((dana, {"": PACKET} | OTHERS), (tess, {"": JOB})):
        page = opened(person, **look)
        page.emulate_media(media="print")
        for tab, words in pages.items():
            on_paper(page, work_order, tab, words)
            if tab in ("", "related/"):
                boxes = page.locator(":is(.ticks, .items) > li:visible").all()
                assert [box.evaluate(BOX) for box in boxes] == ["1px", "1px"]
        page.goto(f"/work-orders/{work_order.number}/")
        assert [
            len(re.findall(rb"/Type\s*/Page\b", page.pdf(format=paper)))
            for paper in ("A4", "Letter")
        ] == [1, 1]


def test_schedule_prints_as_the_sheet_of_this_morning(opened, work_order, dana):
    page = opened(dana, viewport={"width": A4_WIDTH, "height": 900})
    page.goto("/schedule/")
    page.evaluate("window.print = () => document.body.dataset.printed = 'yes'")
    page.get_by_role("button", name="Print today").click()
    assert page.locator("body").get_attribute("data-printed") == "yes"
    page.emulate_media(media="print")
    sheet = [
        work_order.number,
        "Tess",
        "P2, gate code 4411",
        "1. Lock out the station",
        "To be booked",
        "Owed",
        "RMA-1",
    ]
    text = page.locator("main").inner_text()
    assert [word for word in sheet if word not in text] == []
    links = page.locator("main a:visible").all_inner_texts()
    assert links == [work_order.number, "RMA-1"]


@pytest.mark.parametrize("address", ["/work-orders/?status=any", "/parts-owed/"])
def test_list_prints_as_a_table_that_goes_over_pages(opened, work_order, dana, address):
    """On paper, which is as narrow as a phone, it would be cards; kept together they leave the
    first page empty.
    """
    page = opened(dana, viewport={"width": A4_WIDTH, "height": 900})
    page.emulate_media(media="print")
    page.goto(address)
    cells = page.locator("table.grid :is(th, td):visible").all()
    assert len(cells) == 2 * page.locator("table.grid th").count()
    assert (
        page.locator(".sheet.scroll").evaluate("el => getComputedStyle(el).breakInside") == "auto"
    )
    assert page.evaluate("document.scrollingElement.scrollWidth") <= A4_WIDTH


def test_packet_asks_nothing(opened, work_order, dana, tess):
    """The booked time has passed: on the screen the page asks how it went."""
    services.enter_shipment(fresh(work_order), "FSO-1", DELIVERED, by=None)
    for person in (dana, tess):
        page = opened(person, viewport={"width": A4_WIDTH, "height": 900})
        page.goto(f"/work-orders/{work_order.number}/")
        question = page.get_by_role("link", name="How did it go?")
        assert question.is_visible()
        page.emulate_media(media="print")
        assert not question.is_visible()
