"""Reads of work orders: whose, which, in what order, a page at a time; and SQL's "late" against Python's."""

import copy
import datetime as dt
import itertools

import pytest
from django.db.models import Q

from tests.factories import (
    fresh,
    make_accepted,
    make_entitlement,
    make_site,
    make_territory,
    make_work_order,
    ready_to_complete,
    ship,
)
from workorders import services
from workorders.models import Appointment, WorkOrder
from workorders.models.queries import SEARCH_LENGTH, SORTS, cursor, fold, late, overdue, sla_filter, week_of
from workorders.models.todos import NEEDS
from workorders.states import OPEN, Status
from workorders.targets import due_of, is_overdue, needs_reason

DAY = dt.timedelta(days=1)
MONDAY = dt.date(2026, 3, 2)
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)  # Monday everywhere but in the far west and the far east
INSTANTS = [NOON, NOON.replace(hour=0), NOON.replace(hour=10, minute=30), NOON.replace(hour=23, minute=59)]
ZONES = ["Pacific/Honolulu", "America/Los_Angeles", "Europe/Berlin", "Pacific/Kiritimati"]
DIRECTED = [f"{sign}{name}" for name in SORTS for sign in ("", "-")]


def change(work_order: WorkOrder, **columns) -> WorkOrder:
    """Any state of the row that the database allows, without the way there."""
    WorkOrder.objects.filter(pk=work_order.pk).update(**columns)
    return work_order


def an_appointment(work_order: WorkOrder, on: dt.date, by, judged_by: dt.date | None = None) -> Appointment:
    return Appointment(
        work_order=work_order,
        at=dt.datetime.combine(on, dt.time(17), dt.UTC),
        on=on,
        technician_name="Tess",
        contact_phone="+1 415 555 0188",
        judged_by=judged_by,
        booked_by=by,
    )


# --- Whose


def test_a_partner_sees_its_own_and_staff_see_all(dana, omar, staff):
    mine, theirs = make_work_order(partner=dana.partner), make_work_order(partner=omar.partner)
    assert list(WorkOrder.objects.visible_to(dana)) == [mine]
    assert list(WorkOrder.objects.visible_to(omar)) == [theirs]
    assert list(WorkOrder.objects.visible_to(staff)) == [mine, theirs]


def test_nobody_else_sees_anything(dana, staff):
    make_work_order(partner=dana.partner)
    dana.is_active = staff.is_active = False
    assert [WorkOrder.objects.visible_to(person).count() for person in (dana, staff, None)] == [0, 0, 0]


# --- Search


@pytest.fixture
def found(clock, dana):
    """A work order with everything one can search for, beside another one; and how many a query finds."""
    site = make_site("Parkhaus Süd", "Société Générale", city="Zürich", time_zone="Europe/Zurich")
    work_order = make_accepted(
        dana, number="WO-00200777", case_number="00701498", subject="Replace charging cable - CT4000", site=site,
        serial="9353-3153", poc_name="Jürgen O’Connor-Weiß", poc_phone="+44 20 7946 0958",
    )  # fmt: skip
    ship(work_order, "FSO-9", tracking_number="7866 0103 4275", estimated_delivery_on=dt.date(2026, 3, 4))
    make_accepted(dana, subject="Install modem", poc_name="Priya", poc_phone="+1 415 555 0187")
    return lambda query: [row.number for row in WorkOrder.objects.search(query)]


@pytest.mark.parametrize(
    "query",
    [
        *("WO-00200777", "wo-00200777", "00200777", "0701498", "CT4000", "société", "SOCIETE GENERALE", "Parkhaus Sud"),
        *("zurich", "ZÜRICH", "Jürgen", "jurgen weiss", "O'Connor", "oconnor", "9353-3153", "93533153", "FSO-9"),
        *("+44 20 7946 0958", "+442079460958", "020 7946 0958", "(020) 7946-0958", "7946 0958", "7946-0958"),
        *("786601034275", "7866 0103 4275", "7866-0103-4275", "cable zurich 7946"),
    ],
)
def test_search_finds_in_any_spelling(found, query):
    assert found(query) == ["WO-00200777"]


@pytest.mark.parametrize(
    "query", ["cable atlanta", "WO-00200778", "%", "_", "%00200777", "\\", "' OR 1=1 --", "*", "💡"]
)
def test_search_takes_no_sign_for_a_wildcard(found, query):
    assert found(query) == (["WO-00200777"] if fold(query) == "00200777" else [])


@pytest.mark.parametrize(("text", "folded"), [("\u210cotel", "hotel"), ("Straße", "strasse"), ("İzmir", "izmir")])
def test_fold_twice_is_fold_once(text, folded):
    assert fold(fold(text)) == fold(text) == folded


def test_search_for_nothing_finds_all_and_for_nonsense_nothing(found):
    queries = ["", "   ", "\0", "x" * 10_000, "a " * 5_000, "ﷺ" * 200]
    assert [len(found(query)) for query in queries] == [2, 2, 0, 0, 0, 0]
    assert found("WO-0020\x000777") == ["WO-00200777"]
    assert found("a " * (SEARCH_LENGTH // 2)) == found("a")


def test_search_stays_within_what_is_visible(found, omar):
    assert WorkOrder.objects.visible_to(omar).search("WO-00200777").count() == 0


# --- Order and pages


@pytest.fixture
def many(clock, dana) -> int:
    """Rows that tie in every column, and rows that have nothing in those that may be empty."""
    late_site = make_site("Alpha", "Zeta", city="Reno")
    for n, site in enumerate([None, late_site] * 4):
        work_order = make_work_order(
            partner=dana.partner, site=site, case_number=["", "00000007", "00000003"][n % 3],
            subject=["Same", "Other"][n // 4], work_type=["repair", "installation"][n % 2],
            territory=make_territory("US-CA", "US", "CA") if n % 2 else None,
        )  # fmt: skip
        change(work_order, target_on=[None, MONDAY, MONDAY + DAY][n % 3], assigned_on=MONDAY - n // 3 * DAY)
        if n % 3 == 0:
            appointment = an_appointment(work_order, MONDAY + n // 4 * DAY, dana)
            appointment.save()
            change(work_order, appointment=appointment)
        if n % 2:
            change(work_order, status=Status.SHIPPED, accepted_on=MONDAY)
    return 8


def values(rows) -> list:
    return [row.sort_value for row in rows]


@pytest.mark.parametrize("sort", DIRECTED)
def test_sorted_by_puts_empty_values_last_either_way_and_ties_by_number(many, sort):
    rows = list(WorkOrder.objects.sorted_by(sort))
    given = [value for value in values(rows) if value is not None]
    assert given == sorted(given, reverse=sort.startswith("-"))
    assert values(rows)[len(given) :] == [None] * (many - len(given))
    for _, ties in itertools.groupby(rows, key=lambda row: row.sort_value):
        numbers = [row.number for row in ties]
        assert numbers == sorted(numbers)


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("sort", DIRECTED)
def test_pages_are_complete_and_without_duplicates(many, sort, size):
    rows = list(WorkOrder.objects.page(sort, size))
    while rest := list(WorkOrder.objects.following(sort, cursor(rows[-1])).page(sort, size)):
        rows += rest
    assert rows == list(WorkOrder.objects.sorted_by(sort))


def test_a_row_that_changes_place_does_not_disturb_the_pages_behind(many):
    rows = list(WorkOrder.objects.sorted_by("target"))
    change(rows[0], target_on=None)
    rest = WorkOrder.objects.following("target", cursor(rows[2])).sorted_by("target")
    assert [row.number for row in rest if row != rows[0]] == [row.number for row in rows[3:]]


@pytest.mark.parametrize(
    ("sort", "after"),
    [
        *(("target", "x"), ("target", "x~WO-1"), ("target", "~"), ("target", "2026-02-30~WO-1"), ("status", "11~WO-1")),
        *(("status", "-1~WO-1"), ("status", "~WO-1"), ("appointment", "0001-01-01T00:00:00+14:00~WO-1")),
        *(("assigned", "~WO-1"), ("number", "A\0~WO-1"), ("target", "2026-03-02~WO-1\0"), ("appointment", "noon~WO-1")),
    ],
)
def test_a_cursor_that_we_have_not_made_is_refused(db, sort, after):
    with pytest.raises(ValueError):
        WorkOrder.objects.following(sort, after)


def test_sorting_by_anything_else_is_no_query(db):
    with pytest.raises(KeyError):
        WorkOrder.objects.sorted_by("partner__email_domain")


# --- Late, today, this week, without a date


@pytest.fixture
def of_all_kinds(dana) -> list[WorkOrder]:
    """Each combination of zone, target, overdue parts and booking that matters to "late"."""
    models = [make_work_order(partner=dana.partner, site=make_site(zone, time_zone=zone)) for zone in ZONES]
    targets = [None, *(MONDAY + offset * DAY for offset in (-3, -1, 0, 1, 7))]
    bookings = [None, (2, None), (-2, None), (2, 3)]  # days after the target; judged by a target so many days later
    rows, booked, appointments = [], [], []
    for n, (model, target_on, due_in, booking) in enumerate(
        itertools.product(models, targets, [None, -2, 0, 1], bookings)
    ):
        row = copy.copy(model)
        row.pk, row.number, row.status, row.accepted_on = None, f"WO-{n}", Status.SHIPPED, MONDAY
        row.target_on, row.parts_due_on = target_on, None if due_in is None else MONDAY + due_in * DAY
        rows.append(row)
        if booking and target_on:
            on, judged = target_on + booking[0] * DAY, booking[1]
            booked.append(row)
            appointments.append(an_appointment(row, on, dana, judged and target_on + judged * DAY))
    WorkOrder.objects.bulk_create(rows)
    for row, appointment in zip(booked, appointments, strict=True):
        appointment.work_order = row
    for row, appointment in zip(booked, Appointment.objects.bulk_create(appointments), strict=True):
        row.appointment = appointment
    WorkOrder.objects.bulk_update(booked, ["appointment"])
    found = list(WorkOrder.objects.with_facts())
    assert len([row for row in found if row.appointment]) == len(booked)
    return found


@pytest.mark.parametrize("now", INSTANTS)
def test_missed_is_what_python_calls_late(of_all_kinds, now):
    in_python = {row.number for row in of_all_kinds if due_of(row, now).state == "late"}
    assert {row.number for row in WorkOrder.objects.filter(late(now))} == in_python
    assert 0 < len(in_python) < len(of_all_kinds)


@pytest.mark.parametrize(("completed_on", "is_late"), [(3, False), (6, True)])
def test_missed_of_work_sent_back_is_its_frozen_outcome(dana, staff, clock, completed_on, is_late):
    """Target SLA Tue, Mar 3. Completed in time it stays met as days pass; completed late it stays missed (rule 6)."""
    work_order = make_accepted(dana, parts_required=False)
    clock.move_to(dt.datetime(2026, 3, completed_on, 17, tzinfo=dt.UTC))
    services.complete(ready_to_complete(work_order, by=dana), by=dana)
    assert not WorkOrder.objects.filter(late(NOON + 20 * DAY)).exists()
    services.send_back(fresh(work_order), note="A photo is missing", by=staff)
    assert WorkOrder.objects.filter(late(NOON + 20 * DAY)).exists() == is_late
    assert (due_of(fresh(work_order), NOON + 20 * DAY).state == "late") == is_late


def test_missed_leaves_out_what_was_in_time_when_the_target_moved_earlier_under_it(dana, staff, clock):
    work_order = make_accepted(dana, parts_required=False, entitlement=make_entitlement("Assure 3-Day", 3))
    on_thursday = services.Booking(dt.datetime(2026, 3, 5, 17, tzinfo=dt.UTC), "Tess", "+1 415 555 0188")
    services.book_appointment(work_order, on_thursday, by=dana)
    services.update_work_order(fresh(work_order), {"entitlement": make_entitlement()}, by=staff)
    assert fresh(work_order).target_on == MONDAY + DAY
    assert not WorkOrder.objects.filter(late(NOON + 20 * DAY)).exists()


@pytest.mark.parametrize("now", INSTANTS)
def test_today_and_week_are_those_of_the_site(of_all_kinds, now):
    def numbers(name: str) -> set[str]:
        return {row.number for row in WorkOrder.objects.filter(sla_filter(name, now))}

    today = {row.number: row.site_today(now) for row in of_all_kinds}
    dated = [row for row in of_all_kinds if row.target_on]
    weeks = {row.number: week_of(today[row.number]) for row in dated}
    assert numbers("today") == {row.number for row in dated if row.target_on == today[row.number]}
    assert numbers("week") == {
        row.number for row in dated if weeks[row.number][0] <= row.target_on <= weeks[row.number][1]
    }
    assert numbers("none") == {row.number for row in of_all_kinds if row.target_on is None}


@pytest.mark.parametrize("now", INSTANTS)
def test_overdue_is_what_python_says_of_open_work(of_all_kinds, now):
    expected = {row.number for row in of_all_kinds if row.status in OPEN and is_overdue(row, row.site_today(now))}
    assert {row.number for row in WorkOrder.objects.filter(overdue(now))} == expected
    assert 0 < len(expected) < len(of_all_kinds)


def test_a_missing_reason_is_what_python_calls_one(of_all_kinds, dana):
    expected = {row.number for row in of_all_kinds if needs_reason(row)}
    assert {row.number for row in WorkOrder.objects.filter(NEEDS["reason"].condition(dana, NOON))} == expected
    assert 0 < len(expected) < len(of_all_kinds)


@pytest.mark.parametrize("name", ["missed", "today", "week", "none"])
def test_sla_filters_hold_open_work_only(dana, name):
    for target_on in (None, MONDAY - DAY, MONDAY):
        for status in Status:
            held_from = "shipped" if status == Status.ON_HOLD else ""
            columns = {"status": status, "held_from": held_from, "accepted_on": MONDAY, "completed_at": NOON}
            change(make_work_order(partner=dana.partner), target_on=target_on, **columns)
    shown = {row.status for row in WorkOrder.objects.filter(sla_filter(name, NOON))}
    assert shown == {status.value for status in OPEN}


@pytest.mark.parametrize(("offset", "monday"), [(0, MONDAY), (6, MONDAY), (-1, MONDAY - 7 * DAY)])
def test_a_week_is_monday_to_sunday(offset, monday):
    assert week_of(MONDAY + offset * DAY) == (monday, monday + 6 * DAY)


# --- Counts


def test_counts_are_those_of_the_lists(of_all_kinds, django_assert_num_queries):
    make_work_order(number="WO-NEW")
    change(make_work_order(number="WO-OVER"), status=Status.CANCELED)
    expected = {
        **{status.value: WorkOrder.objects.filter(status=status).count() for status in OPEN},
        "missed": WorkOrder.objects.filter(late(NOON)).count(),
        "shipped_ones": WorkOrder.objects.filter(status=Status.SHIPPED).count(),
        "over": 1,
        "everything": len(of_all_kinds) + 2,
    }
    of_open, of_any = (
        {"shipped_ones": Q(status=Status.SHIPPED)},
        {"over": Q(status=Status.CANCELED), "everything": Q()},
    )
    for at_once in (False, True):
        with django_assert_num_queries(1):
            assert WorkOrder.objects.counts(NOON, of_open, of_any, at_once=at_once) == expected


def test_counts_stand_where_no_work_is_open(dana):
    change(make_work_order(partner=dana.partner), status=Status.CANCELED)
    counts = WorkOrder.objects.counts(NOON, {"wanted": Q(status=Status.ASSIGNED)}, {"over": Q(status=Status.CANCELED)})
    assert counts == {**{status.value: 0 for status in OPEN}, "missed": 0, "wanted": 0, "over": 1}
