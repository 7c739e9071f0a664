"""Returns that staff do not need back: not owed any more, not in the way of Completed, and claimed
after all.
"""

import datetime as dt

import pytest
from django.db import DataError, IntegrityError, transaction

from portal.people.roles import Role
from tests.factories import fresh, make_accepted, ready_to_complete, ship
from tests.pages import html_of
from tests.workorders.services.parts.shipments import (
    PARTS,
    RMA,
    could_not_complete,
    delivered,
    events,
    send,
)
from workorders import services
from workorders.fieldwork.completion_blockers import blockers
from workorders.fieldwork.returns_and_reports import due_back, returnable
from workorders.history.wording import describe_entries
from workorders.models import Shipment
from workorders.models.ledger import Event
from workorders.services import DomainError, InvalidState, NotAllowed, ShipmentDetails, Stale
from workorders.states import RULES, Status, Verb

NOT_SENT = ["The old part has not been sent back."]


@pytest.fixture
def owed(dana):
    """In progress; an old part goes back with RMA-1, and is all that is missing for Completed."""
    work_order = make_accepted(dana, parts_required=False)
    ready_to_complete(work_order, by=dana)
    services.update_work_order(fresh(work_order), {"return_parts_required": True}, by=None)
    ship(work_order, "RMA-1", **RMA)
    return fresh(work_order)


def waive(work_order, by, number="RMA-1", **values):
    return services.waive_return(
        fresh(work_order), number=number, by=by, **{"note": "Scrap it on site"} | values
    )


def claim(work_order, by, number="RMA-1"):
    return services.claim_return(fresh(work_order), number=number, note="The lab wants it", by=by)


def missing(work_order) -> list[str]:
    return [blocker.sentence for blocker in blockers(fresh(work_order))]


def test_returns_are_waived_by_staff_from_acceptance_on():
    rule = RULES[Verb.WAIVE_RETURN]
    assert (rule.who, set(Status) - rule.sources, rule.to) == (
        {Role.STAFF},
        {Status.ASSIGNED},
        None,
    )


def test_a_waived_return_is_not_owed_and_blocks_nothing(owed, dana, staff, client_of):
    assert (missing(owed), Shipment.objects.owed_back().count()) == (NOT_SENT, 1)
    waive(owed, staff)
    assert (missing(owed), Shipment.objects.owed_back().count()) == ([], 0)
    shipment = Shipment.objects.get()
    assert (shipment.is_waived, due_back(shipment, owed, owed.site_today()).text) == (
        True,
        "not needed back",
    )
    (line,) = describe_entries([owed.ledger.last()], dana)
    assert (line.title, line.entry.note, line.changes) == (
        "Not needed back: RMA-1",
        "Scrap it on site",
        [],
    )
    page = html_of(client_of(dana).get(f"/work-orders/{owed.number}/rma-fso/"))
    assert "ChargePoint does not need it back: “Scrap it on site”" in page
    assert "parts-sent-back" not in page
    with pytest.raises(DomainError):
        send(fresh(owed), dana)
    assert services.complete(fresh(owed), by=dana).status == Status.COMPLETED
    assert Shipment.objects.get().return_due_on is None


def test_a_claimed_return_is_owed_as_before(owed, dana, staff):
    waive(owed, staff)
    services.complete(fresh(owed), by=dana)
    claim(owed, staff)
    shipment = Shipment.objects.get()
    assert (shipment.is_to_be_sent, shipment.waived_note, shipment.return_due_on) == (
        True,
        "",
        dt.date(2026, 3, 16),
    )
    assert events(owed)[-2:] == [Event.RETURN_CLAIMED, Event.RETURN_DUE]
    with pytest.raises(DomainError, match="RMA-1 has not been waived"):
        claim(owed, staff)


def test_one_waived_return_leaves_the_other_in_the_way(owed, dana, staff):
    ship(owed, "RMA-2", **RMA)
    waive(owed, staff)
    assert missing(owed) == NOT_SENT
    send(fresh(owed), dana, "RMA-2")
    assert missing(owed) == []


def test_old_parts_that_nobody_has_entered_a_return_for_are_waived_too(dana, staff):
    work_order = make_accepted(
        dana, parts_required=False, return_parts_required=True, number="WO-7"
    )
    waive(work_order, staff, "WO-7-R")
    shipment = work_order.shipments.get()
    assert (shipment.number, shipment.is_waived, returnable(work_order, [shipment])) == (
        "WO-7-R",
        True,
        [],
    )
    assert NOT_SENT[0] not in missing(work_order)


def test_who_else_asks_or_asks_for_what_cannot_be_is_refused(owed, dana, staff):
    with pytest.raises(NotAllowed):
        waive(owed, dana)
    with pytest.raises(DomainError, match="Explain why"):
        waive(owed, staff, note=" ")
    with pytest.raises(DomainError, match="RMA-9 is no longer with the partner"):
        waive(owed, staff, "RMA-9")
    seen = owed.version
    services.hold(owed, reason="No access", stops_clock=False, by=staff)
    with pytest.raises(Stale):
        waive(owed, staff, version=seen)
    send(fresh(owed), dana)
    with pytest.raises(DomainError, match="RMA-1 is no longer with the partner"):
        waive(owed, staff)


def test_what_the_partner_sends_all_the_same_is_not_waived_any_more(owed, staff):
    waive(owed, staff)
    services.enter_shipment(owed, "RMA-1", ShipmentDetails(**RMA), by=None, corrects=False)
    assert Shipment.objects.get().is_waived
    services.enter_shipment(
        owed, "RMA-1", ShipmentDetails(**RMA | {"status": "shipped"}), by=None, corrects=False
    )
    shipment = Shipment.objects.get()
    assert (shipment.is_waived, shipment.is_void) == (False, False)


def test_unused_parts_stay_waived_when_the_work_ends_again(dana, staff):
    work_order = make_accepted(dana)
    delivered(work_order, parts=PARTS)
    could_not_complete(work_order, dana)
    waive(work_order, staff, "FSO-1-R")
    services.undo_last_step(fresh(work_order), note="It does fit", by=staff)
    assert fresh(work_order).status == Status.IN_PROGRESS
    claim(work_order, staff, "FSO-1-R")
    assert Shipment.objects.owed_back().count() == 0  # the work goes on: nothing is unused yet
    could_not_complete(work_order, dana)
    assert [shipment.number for shipment in Shipment.objects.owed_back()] == ["FSO-1-R"]
    waive(work_order, staff, "FSO-1-R")
    services.undo_last_step(fresh(work_order), note="It does fit", by=staff)
    could_not_complete(work_order, dana)
    assert Shipment.objects.owed_back().count() == 0


def test_before_acceptance_there_is_nothing_to_waive(dana, staff):
    work_order = make_accepted(dana)
    services.undo_last_step(work_order, note="Too early", by=staff)
    with pytest.raises(InvalidState, match="“Waive a return” is not possible"):
        waive(work_order, staff)


@pytest.mark.parametrize(
    "values", [{"is_void": False}, {"direction": "outbound"}, {"waived_note": "n" * 1001}]
)
def test_a_waived_return_that_cannot_be_is_not_stored(owed, staff, values):
    waive(owed, staff)
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        Shipment.objects.update(**values)
