"""Parts that came damaged or did not come: reported, replaced, settled; the Target SLA follows the
replacement.
"""

import datetime as dt
import uuid

import pytest

from portal.people.roles import Role
from tests.factories import book_on, fresh, make_accepted, make_entitlement, make_user, ship
from tests.workorders.uploads import add
from workorders import services
from workorders.fieldwork.returns_and_reports import reportable, state_of
from workorders.models import PartReport
from workorders.models.ledger import Event
from workorders.services import (
    DomainError,
    InvalidState,
    NotAllowed,
    Part,
    ShipmentDetails,
)
from workorders.states import RULES, PartProblem, ShipmentKind, Status, Verb

MONDAY = dt.date(2026, 3, 2)
PARTS = [Part("CBL-23", 2, "Charging cable"), Part("GSK", 1)]
REPLACEMENT = ShipmentDetails(
    ShipmentKind.FSO, status="shipped", estimated_delivery_on=dt.date(2026, 3, 6)
)


@pytest.fixture
def arrived(dana):
    """In progress: two cables and a gasket came today."""
    work_order = make_accepted(dana, entitlement=make_entitlement())
    details = ShipmentDetails(ShipmentKind.FSO, status="delivered", delivered_on=MONDAY)
    services.enter_shipment(work_order, "FSO-1", details, parts=PARTS, by=None)
    return fresh(work_order)


def report(work_order, by, index=0, **values):
    part = work_order.shipments.first().parts.all()[index].pk
    known = {"part": part, "problem": PartProblem.DAMAGED, "quantity": 1}
    return services.report_part(fresh(work_order), by=by, **known | values)


# --- Who, and when
def test_report_parts_is_done_by_everyone_of_the_partner_from_shipping_on():
    rule = RULES[Verb.REPORT_PARTS]
    assert rule.who == {Role.DISPATCHER, Role.MANAGER, Role.TECHNICIAN}
    assert {status.label for status in rule.sources} == {
        "Shipping",
        "Shipped",
        "In Progress",
        "On Hold",
    }
    assert rule.to is None


def test_settle_parts_is_done_by_staff():
    assert (RULES[Verb.SETTLE_PARTS].who, RULES[Verb.SETTLE_PARTS].sources) == (
        {Role.STAFF},
        set(Status),
    )


def test_report_by_others_is_refused(arrived, omar, staff, tess):
    book_on(arrived, tess)
    for someone in (omar, staff):
        with pytest.raises(NotAllowed):
            report(arrived, someone)
    report(arrived, tess)
    assert PartReport.objects.get().reported_by == tess


def test_report_before_anything_is_shipped_is_refused(dana):
    work_order = make_accepted(dana)
    ship(work_order, status="ordered")
    with pytest.raises(InvalidState):
        services.report_part(
            fresh(work_order), part=1, problem=PartProblem.MISSING, quantity=1, by=dana
        )


# --- Reported
def test_report_is_told_and_changes_neither_status_nor_target(arrived, dana):
    made = report(arrived, dana, quantity=2, note="The housing is broken")
    after = fresh(arrived)
    assert (after.status, after.target_on) == (arrived.status, arrived.target_on)
    assert (str(made), made.is_open, state_of(made)) == (
        "2 × CBL-23 damaged",
        True,
        "waiting for ChargePoint",
    )
    entry = arrived.ledger.last()
    assert entry.title == "Parts damaged or missing: FSO-1"
    assert entry.note == "2 × CBL-23 damaged: The housing is broken"


@pytest.mark.parametrize(
    ("values", "field"),
    [({"part": 0}, "part"), ({"quantity": 0}, "quantity"), ({"quantity": 3}, "quantity")],
)
def test_report_that_cannot_be_is_refused_at_its_field(arrived, dana, values, field):
    with pytest.raises(DomainError) as refused:
        report(arrived, dana, **values)
    assert (refused.value.field, PartReport.objects.count()) == (field, 0)


def test_what_is_reported_is_not_reported_again(arrived, dana):
    report(arrived, dana)
    assert [(each.part.part_number, each.left) for each in reportable(arrived)] == [
        ("CBL-23", 1),
        ("GSK", 1),
    ]
    report(arrived, dana, problem=PartProblem.MISSING)
    assert [(each.part.part_number, each.left) for each in reportable(arrived)] == [("GSK", 1)]


def test_parts_of_another_work_order_are_not_reported(arrived, dana):
    other = make_accepted(dana)
    ship(other, "FSO-9", status="shipped")
    part = arrived.shipments.first().parts.first().pk
    with pytest.raises(DomainError):
        services.report_part(
            fresh(other), part=part, problem=PartProblem.DAMAGED, quantity=1, by=dana
        )


def test_a_report_outlives_parts_that_are_entered_anew(arrived, dana):
    report(arrived, dana)
    details = ShipmentDetails(ShipmentKind.FSO, status="delivered", delivered_on=MONDAY)
    services.enter_shipment(arrived, "FSO-1", details, parts=[Part("CBL-24", 1)], by=None)
    assert str(PartReport.objects.get()) == "1 × CBL-23 damaged"


def test_photos_that_came_before_show_the_part(arrived, dana, voltfix):
    colleague = make_user("mia@voltfix.example", partner=voltfix)
    mine, others, unattached = add(arrived, dana), add(arrived, colleague), add(arrived, dana)
    made = report(arrived, dana, photos=[mine.upload_key, others.upload_key, uuid.uuid4()])
    assert list(made.photos.all()) == [mine]
    second = report(arrived, dana, photos=[mine.upload_key, unattached.upload_key])
    assert (list(made.photos.all()), list(second.photos.all())) == ([mine], [unattached])
    assert list(arrived.files.of_the_work()) == [others]


# --- Settled
def test_replacement_settles_the_report_and_moves_only_the_target(arrived, dana, staff):
    assert (arrived.status, arrived.target_on) == (Status.IN_PROGRESS, dt.date(2026, 3, 3))
    made = report(arrived, dana)
    shipment = services.send_replacement(
        fresh(arrived), "FSO-2", REPLACEMENT, parts=[Part("CBL-23", 1)], reports=[made.pk], by=staff
    )
    after = fresh(arrived)
    assert (after.status, after.target_on) == (Status.IN_PROGRESS, dt.date(2026, 3, 9))
    assert (shipment.required, shipment.direction, shipment.parts.count()) == (True, "outbound", 1)
    made.refresh_from_db()
    assert (made.is_open, made.replacement, made.settled_by) == (False, shipment, staff)
    assert state_of(made) == "replacement FSO-2 is under way"
    version = after.version
    events = arrived.ledger.filter(version=version).values_list("event", flat=True)
    assert list(events) == [Event.SHIPMENT_ADDED, Event.TARGET_MOVED, Event.REPORT_SETTLED]


def test_replacement_is_a_new_required_shipment_whatever_is_asked(arrived, dana, staff):
    made = report(arrived, dana)
    asked = REPLACEMENT._replace(direction="return", required=False)
    with pytest.raises(DomainError, match="Give the replacement a new number"):
        services.send_replacement(
            fresh(arrived), "FSO-1", asked, parts=[], reports=[made.pk], by=staff
        )
    shipment = services.send_replacement(
        fresh(arrived), "FSO-2", asked, parts=[], reports=[made.pk], by=staff
    )
    assert (shipment.decides, shipment.status) == (True, "shipped")


@pytest.mark.parametrize("reports", [[], [0]])
def test_replacement_of_nothing_is_refused_and_adds_nothing(arrived, dana, staff, reports):
    report(arrived, dana)
    with pytest.raises(DomainError) as refused:
        services.send_replacement(
            fresh(arrived), "FSO-2", REPLACEMENT, parts=[], reports=reports, by=staff
        )
    assert (refused.value.field, arrived.shipments.count()) == ("reports", 1)


def test_settled_with_a_note(arrived, dana, staff):
    made = report(arrived, dana)
    with pytest.raises(DomainError):
        services.settle_reports(fresh(arrived), reports=[made.pk], note=" ", by=staff)
    with pytest.raises(NotAllowed):
        services.settle_reports(fresh(arrived), reports=[made.pk], note="Fine", by=dana)
    services.settle_reports(fresh(arrived), reports=[made.pk], note="A scratch only", by=staff)
    made.refresh_from_db()
    assert (state_of(made), arrived.ledger.last().note) == (
        "settled: “A scratch only”",
        "1 × CBL-23 damaged: A scratch only",
    )
    with pytest.raises(DomainError):
        services.settle_reports(fresh(arrived), reports=[made.pk], note="Twice", by=staff)
