"""The partner's pages of parts: sent back, damaged or missing, and what the tab Related RMA / FSO
says of both.
"""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import book_on, fresh, make_accepted, make_entitlement, ship
from tests.pages import html_of, mismatches
from tests.workorders.uploads import PDF, add, address, upload
from workorders import services
from workorders.models import File, PartReport, Shipment
from workorders.services import Part, ShipmentDetails
from workorders.states import PartProblem, ShipmentKind, Status

pytestmark = pytest.mark.once

MONDAY = dt.date(2026, 3, 2)
RMA = {
    "kind": "RMA",
    "direction": "return",
    "required": False,
    "status": "ordered",
    "carrier": "",
    "service": "",
}
SENT = {"shipment": "RMA-1", "carrier": "UPS", "tracking_number": "1Z9", "sent_on": "2026-03-02"}


@pytest.fixture
def arrived(clock, dana):
    """In progress: two cables came today, and an old one goes back by Thursday."""
    work_order = make_accepted(dana, entitlement=make_entitlement())
    details = ShipmentDetails(ShipmentKind.FSO, status="delivered", delivered_on=MONDAY)
    services.enter_shipment(
        work_order, "FSO-1", details, parts=[Part("CBL-23", 2, "Charging cable")], by=None
    )
    ship(work_order, "RMA-1", **RMA, return_due_on=dt.date(2026, 3, 5))
    return fresh(work_order)


def at(work_order, name: str) -> str:
    return reverse(name, args=[work_order.number])


def text_of(response) -> str:
    return " ".join(html_of(response).split())


def reported(work_order, by, **values):
    part = work_order.shipments.get(number="FSO-1").parts.first().pk
    known = {"part": part, "problem": PartProblem.DAMAGED, "quantity": 1}
    return services.report_part(fresh(work_order), by=by, **known | values)


def typed(work_order, **values):
    part = work_order.shipments.get(number="FSO-1").parts.first().pk
    known = {
        "part": part,
        "problem": "damaged",
        "quantity": 1,
        "note": "Cracked",
        "version": work_order.version,
    }
    return known | values


# --- Who, in which status
@pytest.mark.parametrize("name", ["parts-sent-back", "report-parts"])
def test_pages_are_not_there_for_another_partner(arrived, omar, client_of, name):
    browser = client_of(omar)
    assert [
        browser.get(at(arrived, name)).status_code,
        browser.post(at(arrived, name)).status_code,
    ] == [404, 404]


def test_a_technician_reports_and_sends_back_staff_neither(arrived, tess, staff, client_of):
    book_on(arrived, tess)
    answers = {
        (user.name, name): client_of(user).get(at(arrived, name)).status_code
        for user in (tess, staff)
        for name in ("report-parts", "parts-sent-back")
    }
    assert answers == {
        ("Tess", "report-parts"): 200,
        ("Tess", "parts-sent-back"): 200,
        ("Staff", "report-parts"): 403,
        ("Staff", "parts-sent-back"): 403,
    }


def test_before_the_parts_are_on_their_way_the_pages_lead_back(clock, dana, client_of):
    work_order = make_accepted(dana)
    for name in ("parts-sent-back", "report-parts"):
        page = client_of(dana).get(at(work_order, name), follow=True)
        assert page.redirect_chain[-1][0] == at(work_order, "work-order")
        assert "is not possible while the work order is Ship to Received." in text_of(page)


# --- Sent back
def test_tab_says_by_when_a_return_goes_back_and_leads_to_its_page(arrived, dana, tess, client_of):
    book_on(arrived, tess)
    page = text_of(client_of(dana).get(at(arrived, "rma-fso")))
    assert '<dt>Send back by</dt><dd><time datetime="2026-03-05">Thu, Mar 5</time>' in page
    assert "send back in 3 business days" in page
    assert f"{at(arrived, 'parts-sent-back')}?shipment=RMA-1" in page
    assert "parts-sent-back" in text_of(client_of(tess).get(at(arrived, "rma-fso")))


def test_sent_back_form_holds_what_is_planned(arrived, dana, client_of):
    ship(arrived, "RMA-1", **RMA | {"carrier": "FedEx", "tracking_number": "777"})
    page = text_of(client_of(dana).get(at(arrived, "parts-sent-back")))
    for words in ('value="RMA-1" checked', 'value="FedEx"', 'value="777"', 'value="2026-03-02"'):
        assert words in page


def test_sent_back_is_shown_with_carrier_and_day(arrived, dana, client_of):
    response = client_of(dana).post(
        at(arrived, "parts-sent-back"), SENT | {"version": arrived.version}, follow=True
    )
    assert response.redirect_chain[-1][0] == at(arrived, "rma-fso")
    page = text_of(response)
    for words in (
        "on its way back",
        '<dt>Sent Back</dt><dd><time datetime="2026-03-02">',
        "UPS",
        "1Z9",
        "not yet",
    ):
        assert words in page
    assert "?shipment=RMA-1" not in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"shipment": ""}, "Choose what you sent back."),
        ({"shipment": "FSO-1"}, "Choose one that is still owed."),
        ({"carrier": ""}, "This field is required."),
        ({"sent_on": "3/2/2026"}, "Enter the date as YYYY-MM-DD."),
        ({"sent_on": "2026-03-03"}, "This date is in the future."),
    ],
)
def test_sent_back_that_cannot_be_keeps_what_was_typed(arrived, dana, client_of, change, sentence):
    form = SENT | {"version": arrived.version, "tracking_number": "kept-4711"} | change
    response = client_of(dana).post(at(arrived, "parts-sent-back"), form)
    page = text_of(response)
    assert (response.status_code, mismatches(page, sentence, "kept-4711")) == (422, [])
    assert Shipment.objects.get(number="RMA-1").status == "ordered"


def test_sent_back_on_an_old_page_is_stale(arrived, dana, client_of):
    services.hold(arrived, reason="No access", stops_clock=False, by=None)
    form = SENT | {"version": arrived.version}
    assert client_of(dana).post(at(arrived, "parts-sent-back"), form).status_code == 409


def test_old_parts_without_an_rma_have_a_page_too(clock, dana, client_of):
    work_order = make_accepted(
        dana, parts_required=False, return_parts_required=True, number="WO-7"
    )
    tab = text_of(client_of(dana).get(at(work_order, "rma-fso")))
    assert "No return has been entered for them yet" in tab
    form = SENT | {"shipment": "WO-7-R", "version": work_order.version}
    client_of(dana).post(at(work_order, "parts-sent-back"), form)
    assert work_order.shipments.get().status == "shipped"


def test_tab_says_that_parts_are_unused_and_that_they_are_no_longer_owed(
    arrived, dana, staff, client_of
):
    services.cancel(arrived, comment="The fault cleared.", by=staff)
    page = text_of(client_of(dana).get(at(arrived, "rma-fso")))
    for words in ("FSO-1-R", "Return of unused parts", "send back in 10 business days"):
        assert words in page
    services.undo_last_step(fresh(arrived), note="Not yet", by=staff)
    assert "No longer owed" in text_of(client_of(dana).get(at(arrived, "rma-fso")))


# --- Damaged or missing
def test_report_is_on_the_tab_with_what_has_come_of_it(arrived, dana, tess, staff, client_of):
    book_on(arrived, tess)
    response = client_of(tess).post(at(arrived, "report-parts"), typed(arrived), follow=True)
    assert response.redirect_chain[-1][0] == at(arrived, "rma-fso")
    assert f'href="{at(arrived, "related")}"' in text_of(response)
    page = text_of(client_of(dana).get(at(arrived, "rma-fso")))
    for words in ("<b>1 × CBL-23 damaged</b>, waiting for ChargePoint.", "by Tess: “Cracked”"):
        assert words in page
    made, details = PartReport.objects.get(), ShipmentDetails(ShipmentKind.FSO)
    services.send_replacement(
        fresh(arrived), "FSO-2", details, parts=[], reports=[made.pk], by=staff
    )
    assert "replacement FSO-2 is ordered." in text_of(client_of(dana).get(at(arrived, "rma-fso")))


def test_photos_stand_beside_the_report_for_partner_and_staff(
    arrived, dana, tess, staff, client_of
):
    book_on(arrived, tess)
    form = typed(arrived, uploads=[upload(), upload(PDF, "slip.pdf")], upload_key=str(uuid.uuid4()))
    page = client_of(tess).post(
        at(arrived, "report-parts"), form | {"version": fresh(arrived).version}, follow=True
    )
    assert "add one under" not in text_of(page)
    photo, slip = File.objects.all()
    assert set(PartReport.objects.get().photos.all()) == {photo, slip}
    for user in (dana, tess, staff):
        page = text_of(client_of(user).get(at(arrived, "rma-fso")))
        assert mismatches(page, address(photo, "file-small"), address(slip)) == []
    assert "<dt>Shows</dt><dd>1 × CBL-23 damaged</dd>" in text_of(
        client_of(dana).get(at(arrived, "related"))
    )


@pytest.mark.parametrize(
    "change", [{"quantity": "3"}, {"problem": ""}, {"uploads": [upload(b"MZ", "x.heic"), upload()]}]
)
def test_a_photo_that_has_come_is_kept_whatever_else_is_wrong(arrived, dana, client_of, change):
    form = typed(arrived, uploads=[upload()], upload_key=str(uuid.uuid4()))
    response = client_of(dana).post(at(arrived, "report-parts"), form | change)
    kept, page = File.objects.get(), text_of(response)
    assert (response.status_code, PartReport.objects.count()) == (422, 0)
    assert "Cracked" in page
    assert f'name="kept" value="{kept.upload_key}" checked' in page
    assert ("x.heic: This is not a JPEG" in page) == ("uploads" in change)
    again = typed(
        arrived, kept=[str(kept.upload_key), "x", str(uuid.uuid4())], upload_key=form["upload_key"]
    )
    client_of(dana).post(at(arrived, "report-parts"), again)
    assert list(PartReport.objects.get().photos.all()) == [kept]


def test_the_same_report_sent_again_doubles_nothing(arrived, dana, client_of):
    form = typed(arrived, uploads=[], upload_key=str(uuid.uuid4()))
    answers = [
        client_of(dana).post(
            at(arrived, "report-parts"), form | {"uploads": [upload(), upload(name="b.jpg")]}
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [302, 409]
    assert (PartReport.objects.count(), File.objects.count()) == (1, 2)


# --- Return labels
def test_a_return_label_is_where_its_return_is(arrived, dana, tess, omar, staff, client_of):
    back = arrived.shipments.get(number="RMA-1")
    label = add(arrived, staff, PDF, "label.pdf", shipment=back)
    book_on(arrived, tess)
    for user in (dana, tess, staff):
        for url in (at(arrived, "rma-fso"), reverse("parts-owed")):
            page = text_of(client_of(user).get(url))
            assert f'href="{address(label)}" download' in page
            assert 'Return label<span class="visually-hidden"> of RMA-1</span>' in page
        assert b"".join(client_of(user).get(address(label)).streaming_content) == PDF
    assert client_of(omar).get(address(label)).status_code == 404
    assert address(label) not in text_of(client_of(omar).get(reverse("parts-owed")))
    services.remove_file(label, by=staff)
    assert "Return label" not in text_of(client_of(dana).get(at(arrived, "rma-fso")))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"part": ""}, "Choose the part."),
        ({"part": "99999"}, "Choose one of these parts."),
        ({"problem": ""}, "Say whether it is damaged or missing."),
        ({"quantity": "3"}, "Enter a number from 1 to 2."),
        ({"quantity": "0"}, "Ensure this value is greater than or equal to 1."),
    ],
)
def test_report_that_cannot_be_keeps_what_was_typed(arrived, dana, client_of, change, sentence):
    response = client_of(dana).post(at(arrived, "report-parts"), typed(arrived, **change))
    page = text_of(response)
    assert (response.status_code, mismatches(page, sentence, "Cracked")) == (422, [])
    assert PartReport.objects.count() == 0


def test_report_page_says_when_nothing_is_left(arrived, dana, client_of):
    reported(arrived, dana, quantity=2)
    assert "Every part that was sent has been reported already." in text_of(
        client_of(dana).get(at(arrived, "report-parts"))
    )


def test_report_is_offered_after_parts_received(clock, dana, client_of):
    work_order = make_accepted(dana)
    ship(work_order)
    part = [Part("CBL-23", 1)]
    services.enter_shipment(
        work_order,
        "FSO-1",
        ShipmentDetails(ShipmentKind.FSO, status="shipped"),
        parts=part,
        by=None,
    )
    form = {
        "shipments": ["FSO-1"],
        "delivered_on": "2026-03-02",
        "version": fresh(work_order).version,
    }
    page = client_of(dana).post(at(work_order, "parts-received"), form, follow=True)
    assert fresh(work_order).status == Status.IN_PROGRESS
    assert f"{at(work_order, 'report-parts')}?part=" in text_of(page)


def test_missed_sla_dialog_offers_damaged_parts_first(arrived, dana, client_of):
    reported(arrived, dana)
    form = {
        "version": fresh(arrived).version,
        "appointment_at": "2026-03-06T09:00",
        "technician_name": "Robin",
    }
    form |= {"contact_phone": "+1 415 555 0111", "confirmed_target": "2026-03-03", "answer": "yes"}
    page = text_of(client_of(dana).post(at(arrived, "appointment"), form))
    assert 'name="take" value="parts-damaged"' in page
    assert "checked" not in page


def test_tab_asks_the_database_the_same_number_of_times_with_1_and_3_of_each(
    arrived, dana, client_of
):
    browser, asked = client_of(dana), []
    for n in (2, 3, 4):
        ship(arrived, f"RMA-{n}", **RMA)
        details = ShipmentDetails(ShipmentKind.FSO, status="delivered", delivered_on=MONDAY)
        part = services.enter_shipment(
            arrived, f"FSO-{n}", details, parts=[Part("GSK", 1)], by=None
        ).parts.get()
        services.report_part(
            fresh(arrived), part=part.pk, problem=PartProblem.MISSING, quantity=1, by=dana
        )
        with CaptureQueriesContext(connection) as queries:
            browser.get(at(arrived, "rma-fso"))
        asked.append(len(queries))
    assert asked[1:] == [asked[1]] * 2


def test_nothing_more_is_offered_to_be_reported_than_what_was_not(arrived, dana, client_of):
    browser, link = client_of(dana), reverse("report-parts", args=[arrived.number])
    for quantity, offered in ((0, True), (1, True), (1, False)):
        if quantity:
            reported(arrived, dana, quantity=quantity)
        assert (link in html_of(browser.get(at(arrived, "rma-fso")))) == offered
