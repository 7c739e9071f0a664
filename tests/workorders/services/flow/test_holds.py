"""Staff say what a hold really was; the Target SLA follows, and the ledger tells what changed."""

import datetime as dt

import pytest

from portal.people.roles import Role
from tests.factories import (
    fresh,
    make_accepted,
    make_staff,
    make_user,
    ready_to_complete,
    ship,
)
from workorders import services
from workorders.history.wording import describe_entries
from workorders.models import Hold, WorkOrder
from workorders.models.ledger import Event
from workorders.services import DomainError, InvalidState, NotAllowed, Stale, correct_hold

D = dt.date
ASSIGNED, TODAY = D(2026, 3, 2), D(2026, 3, 9)


@pytest.fixture
def held(dana, clock) -> Hold:
    """Mon, Mar 2 to Wed, Mar 4, with the clock running; today it is Mon, Mar 9.

    Target SLA Tue, Mar 3.
    """
    work_order = make_accepted(dana, parts_required=False)
    services.hold(work_order, reason="No access", stops_clock=False, by=None)
    clock.move_to(dt.datetime(2026, 3, 4, 17, tzinfo=dt.UTC))
    services.resume(work_order, by=None)
    clock.move_to(dt.datetime(2026, 3, 9, 17, tzinfo=dt.UTC))
    return work_order.holds.get()


@pytest.fixture
def open_hold(dana, clock) -> Hold:
    work_order = make_accepted(dana, parts_required=False)
    clock.move_to(dt.datetime(2026, 3, 9, 17, tzinfo=dt.UTC))
    services.hold(work_order, reason="No access", stops_clock=False, by=None)
    return work_order.holds.get()


def correct(hold: Hold, **values) -> WorkOrder:
    known = {"first": hold.first, "last": hold.last, "stops_clock": hold.stops_clock, "by": None}
    return correct_hold(hold, **known | values)


@pytest.mark.parametrize(
    ("values", "target_on"),
    [
        ({"stops_clock": True}, D(2026, 3, 5)),
        ({"stops_clock": True, "last": D(2026, 3, 5)}, D(2026, 3, 6)),
        ({"stops_clock": True, "last": D(2026, 3, 2)}, D(2026, 3, 3)),
        ({"stops_clock": True, "first": D(2026, 3, 4)}, D(2026, 3, 3)),
        ({"last": D(2026, 3, 9)}, D(2026, 3, 3)),
    ],
)
def test_target_follows_the_correction(held, values, target_on):
    assert correct(held, **values).target_on == target_on
    assert fresh(held.work_order).target_on == target_on


def test_ledger_tells_old_and_new_in_plain_words(held, staff):
    correct(held, last=D(2026, 3, 5), stops_clock=True, by=staff)
    corrected, moved = describe_entries(held.work_order.ledger.order_by("pk"), staff)[-2:]
    assert (corrected.title, corrected.who, corrected.entry.note) == (
        "Hold corrected",
        "Staff",
        "No access",
    )
    assert corrected.changes == [
        ("Last day of the hold", D(2026, 3, 4), D(2026, 3, 5)),
        ("The hold stops the clock", "no", "yes"),
    ]
    assert (moved.entry.event, moved.entry.note) == (Event.TARGET_MOVED, "Hold corrected")


def test_correction_that_changes_nothing_is_not_told(held):
    before = fresh(held.work_order)
    assert (correct(held).version, before.ledger.count()) == (before.version, before.ledger.count())


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        (
            {"first": D(2026, 3, 1)},
            "first",
            "The work order was assigned on Mon, Mar 2; a hold cannot begin earlier.",
        ),
        (
            {"first": D(2026, 3, 10)},
            "first",
            "Today at the site is Mon, Mar 9; a hold cannot begin later.",
        ),
        ({"first": D(2026, 3, 5)}, "last", "The last day is before the first."),
        (
            {"last": D(2026, 3, 10)},
            "last",
            "Today at the site is Mon, Mar 9; the hold cannot have ended later.",
        ),
        ({"last": None}, "last", "The hold has ended. Enter its last day."),
    ],
)
def test_days_that_cannot_be_are_refused(held, values, field, sentence):
    before = Hold.objects.values().get()
    with pytest.raises(DomainError) as refused:
        correct(held, **values)
    assert (refused.value.field, refused.value.message) == (field, sentence)
    assert Hold.objects.values().get() == before


def test_open_hold_can_have_begun_earlier_but_only_resume_ends_it(open_hold):
    corrected = correct(open_hold, first=ASSIGNED, stops_clock=True)
    assert (corrected.status, corrected.target_on, corrected.waits_for) == ("on-hold", None, "hold")
    with pytest.raises(DomainError) as refused:
        correct(open_hold, last=TODAY)
    assert refused.value.message == "The hold is still open. Resume ends it."
    assert services.resume(open_hold.work_order, by=None).target_on == D(2026, 3, 10)


@pytest.mark.parametrize(
    ("role", "may"),
    [(Role.STAFF, True), (Role.DISPATCHER, False), (Role.MANAGER, False), (Role.TECHNICIAN, False)],
)
@pytest.mark.parametrize("ours", [True, False])
def test_holds_are_corrected_by_staff_only(held, voltfix, amped, role, may, ours):
    partner = None if role == Role.STAFF else voltfix if ours else amped
    user = make_staff() if may else make_user("someone@example.com", role, partner=partner)
    if may:
        assert correct(held, stops_clock=True, by=user).target_on == D(2026, 3, 5)
    else:
        with pytest.raises(NotAllowed):
            correct(held, stops_clock=True, by=user)


def test_hold_of_work_that_is_over_stays_as_it_was(held, dana):
    services.complete(ready_to_complete(held.work_order, by=dana), by=dana)
    with pytest.raises(InvalidState):
        correct(held, stops_clock=True)


def test_outcome_that_is_frozen_does_not_follow(held, dana, staff):
    services.complete(ready_to_complete(held.work_order, by=dana), by=dana)
    back = services.send_back(held.work_order, note="A photo is missing", by=staff)
    assert (
        correct(held, stops_clock=True).outcome_target_on == back.outcome_target_on == D(2026, 3, 3)
    )


def test_correction_of_what_someone_else_has_changed_is_stale(held, dana, staff):
    seen = fresh(held.work_order).version
    correct(held, last=D(2026, 3, 3))
    with pytest.raises(Stale):
        correct(held, stops_clock=True, version=seen, by=staff)


def test_corrected_hold_counts_from_the_delivery(dana, clock):
    """With parts, only a hold after the delivery matters (docs/rules.md, rule 5)."""
    work_order = make_accepted(dana)
    ship(work_order, carrier="", service="", estimated_delivery_on=D(2026, 3, 4))
    services.hold(work_order, reason="No access", stops_clock=True, by=None)
    clock.move_to(dt.datetime(2026, 3, 6, 17, tzinfo=dt.UTC))
    assert services.resume(work_order, by=None).target_on == D(2026, 3, 9)
    assert correct(work_order.holds.get(), last=D(2026, 3, 4)).target_on == D(2026, 3, 5)
