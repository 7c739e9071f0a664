"""Parts that are damaged or missing, in the admin: found, replaced, settled."""

import datetime as dt
import re

import pytest

from tests.factories import fresh, make_accepted
from tests.pages import html_of, mismatches
from tests.workorders.admin.staff_pages import TODAY, post_action, url
from workorders.models import PartReport
from workorders.services import (
    Part,
    ShipmentDetails,
    comment,
    enter_shipment,
    hold,
    report_part,
    request_assistance,
    settle_reports,
)
from workorders.states import AssistanceReason, PartProblem, ShipmentKind, Status

pytestmark = pytest.mark.once

LIST = "/admin/workorders/workorder/"


@pytest.fixture
def reported(dana):
    """In progress, two of three cables damaged and one gasket missing."""
    work_order = make_accepted(dana)
    details = ShipmentDetails(ShipmentKind.FSO, status="delivered", delivered_on=TODAY)
    parts = [Part("CBL-23", 3, "Charging cable"), Part("GSK", 1)]
    shipment = enter_shipment(work_order, "FSO-1", details, parts=parts, by=None)
    for part, problem, quantity in zip(shipment.parts.all(), PartProblem, (2, 1), strict=True):
        report_part(
            fresh(work_order),
            part=part.pk,
            problem=problem,
            quantity=quantity,
            note="As seen",
            by=dana,
        )
    return fresh(work_order)


def text_of(response) -> str:
    return html_of(response)


def test_reports_stand_on_the_page_of_the_work_order(client, reported):
    text = text_of(client.get(f"{LIST}{reported.pk}/change/"))
    for words in (
        "<b>2 × CBL-23 damaged</b>, FSO-1: waiting for ChargePoint.",
        "1 × GSK missing",
        "“As seen”",
    ):
        assert words in text
    for link in ("Send a replacement", "Settle reported parts"):
        assert link in text


def test_steps_for_reports_are_absent_without_one(client, dana):
    work_order = make_accepted(dana)
    text = text_of(client.get(f"{LIST}{work_order.pk}/change/"))
    assert mismatches(text, without=["Send a replacement", "Settle reported parts"]) == []
    answer = client.get(url(work_order, "replacement"), follow=True)
    assert "No part is reported as damaged or missing." in text_of(answer)


def main_action(client, work_order) -> str:
    return re.findall(
        r'<a class="button default"[^>]*>(.*?)</a>',
        text_of(client.get(f"{LIST}{work_order.pk}/change/")),
    )[0]


def test_what_the_partner_waits_for_is_the_main_action(client, coordinator, reported, dana):
    assert main_action(client, reported) == "Send a replacement"
    settle_reports(
        reported,
        reports=[row.pk for row in reported.part_reports.all()],
        note="Not needed",
        by=coordinator,
    )
    assert main_action(client, reported) == "Add shipment"
    later = TODAY + dt.timedelta(days=30)
    for reason, main in (
        (AssistanceReason.OTHER, "Answer"),
        (AssistanceReason.HOLD, "Put on hold"),
    ):
        request_assistance(fresh(reported), reason=reason, until=later, body="Please", by=dana)
        assert main_action(client, reported) == main
        comment(fresh(reported), body="We see to it", by=coordinator)
    hold(fresh(reported), reason="No access", stops_clock=False, by=None)
    request_assistance(fresh(reported), body="Please", by=dana)
    assert main_action(client, reported) == "Resume"


@pytest.mark.parametrize(
    ("value", "before", "after"),
    [
        ("open", {"reported"}, set()),
        ("any", {"reported"}, {"reported"}),
        ("x", {"reported", "other"}, {"reported", "other"}),
    ],
)
def test_list_is_filtered_by_reports(client, reported, dana, value, before, after):
    rows = {"reported": reported.number, "other": make_accepted(dana).number}

    def listed() -> set[str]:
        text = text_of(client.get(f"{LIST}?reported={value}"))
        return {name for name, number in rows.items() if number in text}

    assert listed() == before
    keys = list(PartReport.objects.values_list("pk", flat=True))
    post_action(client, reported, "settle-parts", reports=keys, note="They can be used")
    client.get(f"{LIST}{reported.pk}/change/")  # where the outcome is said
    assert listed() == after


def test_replacement_form_holds_the_reported_parts(client, reported):
    text = text_of(client.get(url(reported, "replacement")))
    assert "CBL-23*2*Charging cable" in text
    assert "GSK*1" in text
    assert text.count("checked") == 2


def test_replacement_settles_the_reports_and_moves_the_target(client, reported):
    keys = list(PartReport.objects.values_list("pk", flat=True))
    values = {
        "number": "FSO-2",
        "kind": "FSO",
        "status": "shipped",
        "estimated_delivery_on": "2026-03-12",
    }
    answer = post_action(
        client, reported, "replacement", reports=keys, parts="CBL-23*2*Charging cable", **values
    )
    after = fresh(reported)
    assert (answer.status_code, after.status, after.target_on) == (
        302,
        Status.IN_PROGRESS,
        dt.date(2026, 3, 13),
    )
    shipment = after.shipments.get(number="FSO-2")
    assert (shipment.decides, [str(part) for part in shipment.parts.all()]) == (
        True,
        ["2 × CBL-23"],
    )
    assert set(PartReport.objects.values_list("replacement__number", flat=True)) == {"FSO-2"}
    assert "replacement FSO-2 is under way" in text_of(client.get(f"{LIST}{reported.pk}/change/"))


def test_one_of_two_reports_is_replaced_and_the_other_waits(client, reported):
    first, second = PartReport.objects.all()
    values = {"number": "FSO-2", "kind": "FSO", "status": "ordered", "parts": "CBL-23*2"}
    post_action(client, reported, "replacement", reports=[first.pk], **values)
    second.refresh_from_db()
    assert second.is_open


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        (
            "replacement",
            {"number": "FSO-1", "kind": "FSO", "status": "ordered"},
            "is already on this work order",
        ),
        (
            "replacement",
            {"number": "FSO-2", "kind": "FSO", "status": "ordered", "reports": []},
            "field is required",
        ),
        ("settle-parts", {"note": ""}, "This field is required."),
        ("settle-parts", {"note": "n", "reports": ["0"]}, "Select a valid choice"),
    ],
)
def test_step_that_cannot_be_is_refused_with_a_sentence(client, reported, name, data, sentence):
    keys = list(PartReport.objects.values_list("pk", flat=True))
    answer = post_action(client, reported, name, **{"reports": keys} | data)
    assert (answer.status_code, mismatches(text_of(answer), sentence)) == (422, [])
    assert PartReport.objects.filter(settled_at=None).count() == 2


def test_return_due_is_entered_by_staff_and_shown(client, dana):
    work_order = make_accepted(dana, parts_required=False)
    values = {"number": "RMA-1", "kind": "RMA", "direction": "return", "status": "ordered"}
    post_action(client, work_order, "add-shipment", **values, return_due_on="2026-03-20")
    shipment = work_order.shipments.get()
    assert (shipment.return_due_on, shipment.return_due_is_default) == (dt.date(2026, 3, 20), False)
    assert 'due <time datetime="2026-03-20">' in text_of(
        client.get(f"{LIST}{work_order.pk}/change/")
    )
    post_action(client, work_order, "delivered", shipment, delivered_on="2026-03-09")
    shipment.refresh_from_db()
    assert (shipment.status, shipment.return_due_on) == ("delivered", dt.date(2026, 3, 20))
