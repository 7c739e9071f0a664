"""What a change of the calendar will do, in words and numbers, before it is approved; and that it
does just that.
"""

import datetime as dt
from typing import Any

import pytest

from tests.factories import fresh, make_accepted, make_territory
from tests.workorders.admin.calendars import CLOSURE, TUESDAY, WEDNESDAY, closing
from workorders.admin.effects import effect_in_words
from workorders.models import CalendarProposal, DayState, ServiceTerritory, WorkOrder
from workorders.services import Booking, ReasonNeeded, book_appointment
from workorders.services.calendars.proposals import (
    CalendarChange,
    approve,
    change_of,
    changed_calendar,
    propose,
)
from workorders.services.calendars.recalculating import (
    Effect,
    change_of_calendar,
    effect_of,
    recalculate,
)
from workorders.states import DelayReason
from workorders.targets.judging import judgement_of

MONDAY, THURSDAY = dt.date(2026, 3, 9), dt.date(2026, 3, 12)


@pytest.fixture
def territory(db) -> ServiceTerritory:
    return make_territory()


@pytest.mark.parametrize(
    ("effect", "sentence"),
    [
        ((12_300, 0, 0, 0, 0, 0, 0), "Nothing moves."),
        ((12_300, 41, 3, 38, 0, 0, 0), "41 of 12,300 open work orders move: 38 later, 3 earlier."),
        ((1, 1, 1, 0, 0, 0, 0), "1 of 1 open work order moves: 1 earlier."),
        ((12_300, 1000, 0, 1000, 0, 0, 0), "1,000 of 12,300 open work orders move: 1,000 later."),
        (
            (9, 3, 1, 0, 0, 0, 0),
            "3 of 9 open work orders move: 1 earlier, 2 from or to no date at all.",
        ),
        (
            (12_300, 41, 3, 38, 3, 2, 1),
            (
                "41 of 12,300 open work orders move: 38 later, 3 earlier. 3 booked appointments"
                " become late, 2 are no longer late, 1 stays in time because it was when it was"
                " booked."
            ),
        ),
        (
            (9, 2, 1, 1, 0, 1, 0),
            (
                "2 of 9 open work orders move: 1 later, 1 earlier. 1 booked appointment is no"
                " longer late."
            ),
        ),
        (
            (9, 2, 2, 0, 0, 0, 2),
            (
                "2 of 9 open work orders move: 2 earlier."
                " 2 booked appointments stay in time because they were when they were booked."
            ),
        ),
        (
            (9, 1, 1, 0, 1, 0, 0),
            "1 of 9 open work orders moves: 1 earlier. 1 booked appointment becomes late.",
        ),
    ],
)
def test_effect_in_words_leaves_out_what_is_zero(effect, sentence):
    assert effect_in_words(Effect(*effect)) == sentence


# --- The effect is what happens
def booked(dana: Any, day: dt.date, **fields: Any) -> WorkOrder:
    """Assigned on Mon, Mar 9 and booked for the day, with a reason where that is late."""
    work_order = make_accepted(dana, parts_required=False, assigned_on=MONDAY, **fields)
    booking = Booking(
        dt.datetime(day.year, day.month, day.day, 18, tzinfo=dt.UTC), "Tess", "+1 415 555 0188"
    )
    try:
        book_appointment(work_order, booking, by=dana)
    except ReasonNeeded as needed:
        answer = {"reason": DelayReason.WEATHER, "confirmed_target": needed.work_order.target_on}
        book_appointment(work_order, booking._replace(**answer), by=dana)
    return fresh(work_order)


def target_and_lateness(work_orders: list[WorkOrder]) -> list[tuple[dt.date | None, bool]]:
    """Target, and whether the appointment is late, of each as it is now."""
    rows = [fresh(work_order) for work_order in work_orders]
    return [(row.target_on, bool(row.appointment) and judgement_of(row).is_late) for row in rows]


# what changes, the days booked, and open, moved, earlier, later, become late, no longer late, in
# time
EFFECTS = [
    ({TUESDAY: CLOSURE}, [], (0, 0, 0, 0, 0, 0, 0)),
    ({THURSDAY: CLOSURE}, [TUESDAY], (1, 0, 0, 0, 0, 0, 0)),
    ({TUESDAY: CLOSURE}, [TUESDAY, WEDNESDAY, THURSDAY], (3, 3, 0, 3, 0, 1, 0)),
    ({TUESDAY: CLOSURE, WEDNESDAY: CLOSURE}, [TUESDAY, WEDNESDAY, THURSDAY], (3, 3, 0, 3, 0, 2, 0)),
]


@pytest.mark.parametrize(("days", "appointments", "numbers"), EFFECTS)
def test_effect_numbers_equal_what_approval_then_does(
    territory, staff, dana, days, appointments, numbers
):
    made = [booked(dana, day) for day in appointments]
    assert follows(territory, staff, days, made) == Effect(*numbers)


@pytest.mark.parametrize(
    ("booked_on", "numbers"),
    [
        ([TUESDAY], (1, 1, 1, 0, 0, 0, 0)),  # in time by either
        ([WEDNESDAY], (1, 1, 1, 0, 0, 0, 1)),  # booked in time, and stays so
        ([THURSDAY], (1, 1, 1, 0, 0, 0, 0)),  # late by either
        ([TUESDAY, WEDNESDAY, WEDNESDAY, THURSDAY], (4, 4, 4, 0, 0, 0, 2)),
    ],
)
def test_effect_numbers_are_right_when_targets_move_earlier(
    territory, staff, dana, booked_on, numbers
):
    approve(closing(territory, TUESDAY, by=staff), by=staff)
    recalculate()
    territory.refresh_from_db()
    made = [booked(dana, day) for day in booked_on]
    assert follows(territory, staff, {TUESDAY: DayState()}, made) == Effect(*numbers)


def test_effect_numbers_count_those_that_become_late(territory, staff, dana):
    """Booked late with a reason, timely by a closure, and late again when the closure is taken
    back.
    """
    made = [booked(dana, WEDNESDAY), booked(dana, TUESDAY)]
    assert follows(territory, staff, {TUESDAY: CLOSURE}, made) == Effect(2, 2, 0, 2, 0, 1, 0)
    territory.refresh_from_db()
    assert follows(territory, staff, {TUESDAY: DayState()}, made) == Effect(2, 2, 2, 0, 1, 0, 0)


def test_effect_numbers_count_the_first_and_the_lost_dates(territory, staff, dana):
    short = ServiceTerritory(
        name="Short", country="US", first=dt.date(2026, 1, 1), last=dt.date(2026, 3, 11)
    )
    short.save()
    short.revisions.create(
        number=1, weekend=[5, 6], first=short.first, last=short.last, what="The first one."
    )
    make_accepted(dana, parts_required=False, territory=short, assigned_on=MONDAY)
    lost = {TUESDAY: CLOSURE, WEDNESDAY: CLOSURE}
    proposal = propose(short, CalendarChange(lost), by=staff)
    effect = effect_now(proposal)
    assert effect == Effect(1, 1, 0, 0, 0, 0, 0)
    approve(proposal, by=staff)
    assert recalculate() == (1, True)
    short.refresh_from_db()
    longer = propose(short, CalendarChange(last=dt.date(2026, 12, 31)), by=staff)
    assert effect_now(longer) == Effect(1, 1, 0, 0, 0, 0, 0)
    approve(longer, by=staff)
    assert recalculate() == (1, True)
    assert [row.target_on for row in WorkOrder.objects.all()] == [THURSDAY]


def effect_now(proposal: CalendarProposal) -> Effect:
    calendar = changed_calendar(proposal.territory, change_of(proposal, list(proposal.days.all())))
    return effect_of(change_of_calendar(proposal.territory, calendar))


def follows(
    territory: ServiceTerritory, staff: Any, days: dict[dt.date, DayState], made: list[WorkOrder]
) -> Effect:
    """The effect that was shown, once it is sure that approval did just that."""
    proposal = propose(territory, CalendarChange(days), by=staff)
    predicted, before = effect_now(proposal), target_and_lateness(made)
    judged = {row.pk: fresh(row).appointment for row in made}
    approve(proposal, by=staff)
    moved = recalculate().moved
    after = target_and_lateness(made)
    pairs = list(zip(before, after, strict=True))
    done = Effect(
        open=len(made),
        moved=moved,
        earlier=sum(new[0] < old[0] for old, new in pairs),
        later=sum(new[0] > old[0] for old, new in pairs),
        become_late=sum(new[1] > old[1] for old, new in pairs),
        no_longer_late=sum(new[1] < old[1] for old, new in pairs),
        stay_in_time=sum(
            old[0] != new[0] and not new[1] and judged[row.pk].on > new[0]
            for row, (old, new) in zip(made, pairs, strict=True)
        ),
    )
    assert predicted == done
    return predicted
