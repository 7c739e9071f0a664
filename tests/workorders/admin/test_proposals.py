"""A proposed change of a calendar: what would move, told before it moves, and then exactly that."""

import datetime as dt
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from tests.factories import fresh, make_accepted, make_entitlement, make_territory
from tests.workorders.admin.calendars import CLOSURE, TUESDAY, WEDNESDAY, closing, url, words
from tests.workorders.admin.conftest import allow
from workorders.admin.effects import effect_in_words
from workorders.models import CalendarProposal, DayState, ServiceTerritory, WorkOrder
from workorders.services import Booking, ReasonNeeded, book_appointment
from workorders.services.calendars import CalendarChange, approve, change_of, changed_calendar, propose, reject
from workorders.services.recalculating import Effect, change_of_calendar, effect_of, recalculate
from workorders.services.refreshing import refresh
from workorders.states import DayKind, DelayReason

RIGHTS = ["view_calendarproposal", "change_calendarproposal"]
MONDAY, THURSDAY, FRIDAY = dt.date(2026, 3, 9), dt.date(2026, 3, 12), dt.date(2026, 3, 13)
LIST = url("calendarproposal_changelist")


@pytest.fixture
def client(staff, client_of) -> Client:
    return client_of(allow(staff, *RIGHTS))


@pytest.fixture
def territory(db) -> ServiceTerritory:
    return make_territory()


def page(proposal: CalendarProposal) -> str:
    return url("calendarproposal_change", proposal.pk)


def decide(client: Client, proposal: CalendarProposal, button: str = "_approve", **data: Any) -> Any:
    lines = {"lines": [line.pk for line in proposal.days.all()]}
    return client.post(page(proposal), lines | data | {button: "1"})


# --- What is shown
def test_page_shows_the_difference_with_all_lines_ticked(client, territory, staff):
    change = CalendarChange({TUESDAY: CLOSURE, dt.date(2026, 12, 25): DayState(DayKind.WORKED, "Christmas Day")})
    response = client.get(page(propose(territory, change, by=staff)))
    text = words(response)
    assert "Tue, Mar 10 as its weekday closed: Company closure" in text
    assert "Fri, Dec 25 closed: Christmas Day worked: Christmas Day" in text
    assert "Is this meant? Fri, Dec 25 would be a business day." in text
    assert "Nothing moves." in text
    assert response.content.decode().count(" checked>") == 2


def test_page_shows_another_weekend_and_coverage(client, territory, staff):
    change = CalendarChange(weekend=[4, 5], last=dt.date(2030, 12, 31))
    text = words(client.get(page(propose(territory, change, by=staff))))
    assert "Weekend Saturday, Sunday → Friday, Saturday" in text
    assert "Last day covered Mon, Dec 31, 2029 → Tue, Dec 31, 2030" in text
    assert "2030 would have 0 closed weekdays." in text


def test_effect_is_shown_for_the_ticked_lines_only(client, territory, staff, dana):
    for entitlement in (make_entitlement(), make_entitlement("Assure 3-Day", 3)):
        make_accepted(dana, parts_required=False, assigned_on=MONDAY, entitlement=entitlement)
    proposal = closing(territory, TUESDAY, THURSDAY, by=staff)
    assert "2 of 2 open work orders move: 2 later." in words(client.get(page(proposal)))
    one = decide(client, proposal, "_effect", lines=[proposal.days.get(day=THURSDAY).pk], note="Think about it")
    assert "1 of 2 open work orders moves: 1 later." in words(one)
    assert (one.status_code, one.content.decode().count(" checked>")) == (200, 1)
    assert "Think about it" in one.content.decode()
    none = words(decide(client, proposal, "_effect", lines=[]))
    assert "This changes nothing: the calendar is so already." in none
    proposal.refresh_from_db()
    assert proposal.is_open


@pytest.mark.parametrize(
    ("effect", "sentence"),
    [
        ((12_300, 0, 0, 0, 0, 0, 0), "Nothing moves."),
        ((12_300, 41, 3, 38, 0, 0, 0), "41 of 12,300 open work orders move: 38 later, 3 earlier."),
        ((1, 1, 1, 0, 0, 0, 0), "1 of 1 open work order moves: 1 earlier."),
        ((12_300, 1000, 0, 1000, 0, 0, 0), "1,000 of 12,300 open work orders move: 1,000 later."),
        ((9, 3, 1, 0, 0, 0, 0), "3 of 9 open work orders move: 1 earlier, 2 from or to no date at all."),
        (
            (12_300, 41, 3, 38, 3, 2, 1),
            "41 of 12,300 open work orders move: 38 later, 3 earlier. 3 booked appointments become late,"
            " 2 are no longer late, 1 stays in time because it was when it was booked.",
        ),
        (
            (9, 2, 1, 1, 0, 1, 0),
            "2 of 9 open work orders move: 1 later, 1 earlier. 1 booked appointment is no longer late.",
        ),
        (
            (9, 2, 2, 0, 0, 0, 2),
            "2 of 9 open work orders move: 2 earlier."
            " 2 booked appointments stay in time because they were when they were booked.",
        ),
        ((9, 1, 1, 0, 1, 0, 0), "1 of 9 open work orders moves: 1 earlier. 1 booked appointment becomes late."),
    ],
)
def test_effect_in_words_leaves_out_what_is_zero(effect, sentence):
    assert effect_in_words(Effect(*effect)) == sentence


# --- The effect is what happens
def booked(dana: Any, day: dt.date, **fields: Any) -> WorkOrder:
    """Assigned on Mon, Mar 9 and booked for the day, with a reason where that is late."""
    work_order = make_accepted(dana, parts_required=False, assigned_on=MONDAY, **fields)
    booking = Booking(dt.datetime(day.year, day.month, day.day, 18, tzinfo=dt.UTC), "Tess", "+1 415 555 0188")
    try:
        book_appointment(work_order, booking, by=dana)
    except ReasonNeeded as needed:
        answer = {"reason": DelayReason.WEATHER, "confirmed_target": needed.work_order.target_on}
        book_appointment(work_order, booking._replace(**answer), by=dana)
    return fresh(work_order)


def standing(work_orders: list[WorkOrder]) -> list[tuple[dt.date | None, bool]]:
    """Target, and whether the appointment is late, of each as it stands."""
    rows = [fresh(work_order) for work_order in work_orders]
    return [(row.target_on, bool(row.appointment and row.appointment.is_late_by(row.target_on))) for row in rows]


EFFECTS = [  # what changes, the days booked, and open, moved, earlier, later, become late, no longer late, in time
    ({TUESDAY: CLOSURE}, [], (0, 0, 0, 0, 0, 0, 0)),
    ({THURSDAY: CLOSURE}, [TUESDAY], (1, 0, 0, 0, 0, 0, 0)),
    ({TUESDAY: CLOSURE}, [TUESDAY, WEDNESDAY, THURSDAY], (3, 3, 0, 3, 0, 1, 0)),
    ({TUESDAY: CLOSURE, WEDNESDAY: CLOSURE}, [TUESDAY, WEDNESDAY, THURSDAY], (3, 3, 0, 3, 0, 2, 0)),
]


@pytest.mark.parametrize(("days", "appointments", "numbers"), EFFECTS)
def test_effect_numbers_equal_what_approval_then_does(territory, staff, dana, days, appointments, numbers):
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
def test_effect_numbers_are_right_when_targets_move_earlier(territory, staff, dana, booked_on, numbers):
    approve(closing(territory, TUESDAY, by=staff), by=staff)
    recalculate()
    territory.refresh_from_db()
    made = [booked(dana, day) for day in booked_on]
    assert follows(territory, staff, {TUESDAY: DayState()}, made) == Effect(*numbers)


def test_effect_numbers_count_those_that_become_late(territory, staff, dana):
    """Booked late with a reason, timely by a closure, and late again when the closure is taken back."""
    made = [booked(dana, WEDNESDAY), booked(dana, TUESDAY)]
    assert follows(territory, staff, {TUESDAY: CLOSURE}, made) == Effect(2, 2, 0, 2, 0, 1, 0)
    territory.refresh_from_db()
    assert follows(territory, staff, {TUESDAY: DayState()}, made) == Effect(2, 2, 2, 0, 1, 0, 0)


def test_effect_numbers_count_the_first_and_the_lost_dates(territory, staff, dana):
    short = ServiceTerritory(name="Short", country="US", first=dt.date(2026, 1, 1), last=dt.date(2026, 3, 11))
    short.save()
    short.revisions.create(number=1, weekend=[5, 6], first=short.first, last=short.last, what="The first one.")
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


def follows(territory: ServiceTerritory, staff: Any, days: dict[dt.date, DayState], made: list[WorkOrder]) -> Effect:
    """The effect that was told, once it is sure that approval did just that."""
    proposal = propose(territory, CalendarChange(days), by=staff)
    told, before = effect_now(proposal), standing(made)
    judged = {row.pk: fresh(row).appointment for row in made}
    approve(proposal, by=staff)
    moved = recalculate().moved
    after = standing(made)
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
    assert told == done
    return told


# --- Deciding
def test_approval_moves_open_work_and_says_how_much(client, territory, staff, dana):
    work_order = make_accepted(dana, parts_required=False, territory=territory, assigned_on=MONDAY)
    proposal = closing(territory, TUESDAY, by=staff)
    assert "1 of 1 open work order moves: 1 later." in words(client.get(page(proposal)))
    response = client.post(page(proposal), {"lines": [proposal.days.get().pk], "_approve": "1", "note": "Inventory"})
    assert response.url == page(proposal)
    text = words(client.get(response.url))
    assert "Approved: revision 2 of US-Federal. 1 Target SLA moved." in text
    assert fresh(work_order).target_on == WEDNESDAY
    territory.refresh_from_db()
    assert territory.settled_revision == territory.revision == 2


def test_approval_that_moves_nothing_says_so(client, territory, staff):
    text = words(client.get(decide(client, closing(territory, TUESDAY, by=staff)).url))
    assert "Approved: revision 2 of US-Federal. Nothing moved." in text


def test_what_is_too_much_for_a_request_follows_in_the_background(client, territory, staff, dana, monkeypatch):
    monkeypatch.setattr("workorders.admin.effects.AT_ONCE", 1)
    monkeypatch.setattr("workorders.services.recalculating.BATCH", 1)
    for _ in range(2):
        make_accepted(dana, parts_required=False, territory=territory, assigned_on=MONDAY)
    text = words(client.get(decide(client, closing(territory, TUESDAY, by=staff)).url))
    assert "Target SLAs moved so far; the rest follows in the background within minutes." in text


def test_approval_stands_when_a_lock_is_in_the_way_of_what_follows(client, territory, staff, monkeypatch):
    def locked(**kwargs: Any) -> None:
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr("workorders.admin.effects.recalculate", locked)
    text = words(client.get(decide(client, closing(territory, TUESDAY, by=staff)).url))
    assert "Approved: revision 2 of US-Federal. It follows in the background within minutes." in text


def test_only_the_ticked_lines_are_taken(client, territory, staff):
    proposal = closing(territory, TUESDAY, WEDNESDAY, by=staff)
    decide(client, proposal, lines=[proposal.days.get(day=WEDNESDAY).pk])
    assert list(proposal.days.values_list("day", "taken")) == [(TUESDAY, False), (WEDNESDAY, True)]
    text = words(client.get(page(proposal)))
    assert "no Tue, Mar 10 as its weekday closed: Company closure" in text
    assert "yes Wed, Mar 11 as its weekday closed: Company closure" in text


def test_rejection_changes_nothing_and_keeps_its_note(client, territory, staff):
    proposal = closing(territory, TUESDAY, by=staff)
    decide(client, proposal, "_reject", note="Not <b>this</b> year")
    response = client.get(page(proposal))
    text = words(response)
    assert "Rejected. The calendar stays as it is." in text
    assert "Rejected Staff 2026-03-09 20:00 UTC" in text
    assert "Not &lt;b&gt;this&lt;/b&gt; year" in response.content.decode()
    assert ('name="_approve"' in response.content.decode(), ServiceTerritory.objects.get().revision) == (False, 1)


@pytest.mark.parametrize("button", ["_approve", "_reject"])
def test_decided_proposal_is_not_decided_again(client, territory, staff, button):
    proposal = closing(territory, TUESDAY, by=staff)
    reject(proposal, by=staff)
    response = decide(client, proposal, button)
    assert (response.status_code, ServiceTerritory.objects.get().revision) == (409, 1)
    assert "This was rejected already." in words(response)


def test_day_that_has_changed_since_is_refused_with_a_sentence(client, territory, staff):
    old, new = (closing(territory, TUESDAY, WEDNESDAY, by=staff) for _ in range(2))
    approve(new, lines={new.days.get(day=TUESDAY).pk}, by=staff)
    response = decide(client, old)
    assert response.status_code == 422
    assert "Tue, Mar 10 has changed since this was proposed: reject it and propose anew." in words(response)


def test_proposal_that_changes_nothing_any_more_is_shown_and_refused(client, territory, staff):
    old, new = (propose(territory, CalendarChange(last=dt.date(2030, 12, 31)), by=staff) for _ in range(2))
    approve(new, by=staff)
    assert "This changes nothing: the calendar is so already." in words(client.get(page(old)))
    assert decide(client, old).status_code == 422


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"lines": ["999999"]}, "Select a valid choice"),
        ({"lines": ["x"]}, "Select a valid choice"),
        ({"note": "n" * 1001}, "at most 1000 characters"),
        ({"lines": []}, "This changes nothing: the calendar is so already."),
    ],
)
@pytest.mark.parametrize("button", ["_approve", "_effect"])
def test_bad_input_is_refused_and_the_note_stays(client, territory, staff, data, sentence, button):
    proposal = closing(territory, TUESDAY, by=staff)
    response = decide(client, proposal, button, **({"note": "Typed by hand"} | data))
    assert sentence in words(response)
    assert response.status_code == (200 if button == "_effect" and data == {"lines": []} else 422)
    assert "Typed by hand" in response.content.decode() or "n" * 1001 in response.content.decode()
    proposal.refresh_from_db()
    assert proposal.is_open


def test_post_without_a_button_decides_nothing(client, territory, staff):
    proposal = closing(territory, TUESDAY, by=staff)
    assert decide(client, proposal, "_other").status_code == 422
    proposal.refresh_from_db()
    assert proposal.is_open


def test_proposal_that_a_refresh_has_replaced_leads_to_the_list(client, territory):
    old = refresh(territory, year=2026).proposal
    address = page(old)
    refresh(territory, year=2027)
    response = client.post(address, {"_approve": "1"}, follow=True)
    assert response.redirect_chain == [(LIST, 302)]
    assert "This proposal is not there any more: a newer one may have taken its place." in words(response)


# --- The list
def test_list_has_the_open_ones_first(client, territory, staff):
    kinds = {"rejected": reject, "approved": approve}
    oldest = closing(territory, FRIDAY, by=staff)
    for number, decided in enumerate(kinds.values()):
        decided(closing(territory, TUESDAY + dt.timedelta(days=number), by=staff), by=staff)
    refreshed = refresh(territory, year=2026).proposal
    rows = list(client.get(LIST).context["cl"].result_list)
    assert rows[:2] in ([refreshed, oldest], [oldest, refreshed])
    assert {row.verdict for row in rows[2:]} == {"approved", "rejected"}
    text = words(client.get(LIST))
    assert "11 days differ, covered to 2030-12-31 Open refresh_calendars" in text


@pytest.mark.parametrize(("verdict", "count"), [("open", 1), ("approved", 1), ("rejected", 0), ("nonsense", 2)])
def test_list_is_filtered_by_verdict_and_territory(client, territory, staff, verdict, count):
    approve(closing(territory, TUESDAY, by=staff), by=staff)
    closing(territory, WEDNESDAY, by=staff)
    assert len(client.get(LIST, {"verdict": verdict}).context["cl"].result_list) == count
    other = make_territory("GB-ENG", "GB", "ENG")
    assert len(client.get(LIST, {"territory__id__exact": other.pk}).context["cl"].result_list) == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_the_same_number_of_queries_for_1_and_3_rows(client, staff, rows, django_assert_num_queries):
    for number in range(rows):
        closing(make_territory(f"US-{number}", "US"), TUESDAY, by=staff)
    with django_assert_num_queries(8):
        assert len(client.get(LIST).context["cl"].result_list) == rows


# --- Who may
def test_viewer_sees_the_effect_and_decides_nothing(client_of, territory, staff):
    proposal = closing(territory, TUESDAY, by=staff)
    client = client_of(allow(staff, "view_calendarproposal"))
    response = client.get(page(proposal))
    assert ("Nothing moves." in words(response), 'name="_approve"' in response.content.decode()) == (True, False)
    for button in ("_approve", "_reject", "_effect"):
        assert decide(client, proposal, button).status_code == 403
    proposal.refresh_from_db()
    assert proposal.is_open


def test_partners_and_staff_without_the_permission_are_kept_out(client_of, territory, staff, dana):
    proposal = closing(territory, TUESDAY, by=staff)
    for user in (allow(staff, "view_serviceterritory"), dana):
        client = client_of(user)
        assert [client.get(address).status_code for address in (LIST, page(proposal))] == [403, 403]
        assert decide(client, proposal).status_code == 403


def test_nothing_is_added_or_deleted_by_hand(client_of, admin_user, territory, staff):
    proposal = closing(territory, TUESDAY, by=staff)
    client = client_of(admin_user)
    assert client.get(url("calendarproposal_add")).status_code == 403
    assert client.post(url("calendarproposal_delete", proposal.pk), {"post": "yes"}).status_code == 403
