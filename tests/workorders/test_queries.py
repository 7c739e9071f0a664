"""Reads in SQL: late as Python says it, every order complete over its pages, search without case, accents and signs."""

import datetime as dt
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.people.models import User
from tests.factories import fresh, make_accepted, make_entitlement, make_site, make_territory, make_work_order
from workorders import services
from workorders.models import Appointment, MissedSLAReason, WorkOrder
from workorders.models.queries import (
    SORTS,
    cursor,
    fold,
    late,
    search_text,
    site_dates,
    sla_filter,
    target_within,
    week_of,
)
from workorders.services import Booking
from workorders.states import OPEN, DelayReason, Status
from workorders.targets import due_of

NOW = dt.datetime(2026, 3, 2, 17, tzinfo=dt.UTC)  # Mon, Mar 2 in San Francisco, already Mar 3 in Auckland
MONDAY = dt.date(2026, 3, 2)
DAY = dt.timedelta(days=1)
ZONES = ["America/Los_Angeles", "Europe/London", "Pacific/Auckland", "Pacific/Kiritimati", "Pacific/Niue"]
ORDERS = [sign + name for name in SORTS for sign in ("", "-")]


def numbers(rows: Any) -> list[str]:
    return [row.number for row in rows]


# --- Late


def appointments(on: dt.date, by: User) -> Iterator[dict[str, Any] | None]:
    """No appointment, and one on this day in every state that a judgement leaves."""
    yield None
    at = dt.datetime.combine(on, dt.time(20), dt.UTC)
    common = {"at": at, "on": on, "technician_name": "Robin", "contact_phone": "1", "booked_by": by}
    yield common  # booked while there was no target
    yield common | {"judged_by": on + DAY}  # in time when booked
    yield common | {"judged_by": on}
    yield common | {"judged_by": on - DAY}  # late when booked, with a reason


def add(work_order: WorkOrder, fields: dict[str, Any], booking: dict[str, Any] | None, by: User) -> None:
    """A further work order like this one, past the services: what they would never write is compared too."""
    work_order.pk, work_order.appointment = None, None
    for field, value in fields.items():
        setattr(work_order, field, value)
    work_order.save(force_insert=True)
    if not booking:
        return
    row = Appointment(work_order=work_order, **booking)
    if row.judged_by and row.on > row.judged_by:
        row.missed_sla = MissedSLAReason.objects.create(
            work_order=work_order,
            reason=DelayReason.WEATHER,
            target_on=row.judged_by,
            appointment_at=row.at,
            appointment_on=row.on,
            business_days_late=1,
            given_by=by,
        )
    row.save()
    WorkOrder.objects.filter(pk=work_order.pk).update(appointment=row)


def test_late_in_sql_is_late_in_python(clock, dana):
    """Statuses, targets, parts, appointments and frozen outcomes in all combinations, in five time zones."""
    like = fresh(make_accepted(dana, parts_required=False))
    sites = itertools.cycle([make_site(zone, time_zone=zone) for zone in ZONES])
    days = [MONDAY - DAY, MONDAY, MONDAY + DAY]
    count = itertools.count(200_001)
    for target_on, parts_due_on, outcome in itertools.product([None, *days], [None, *days], [None, 0, 2]):
        for booking in appointments(MONDAY, dana):
            frozen = {"outcome_days_late": outcome, "outcome_target_on": None if outcome is None else MONDAY}
            for status in (Status.IN_PROGRESS, Status.COMPLETED):
                fields = {"target_on": target_on, "parts_due_on": parts_due_on, "status": status, "completed_at": NOW}
                place = {"number": f"WO-{next(count):08}", "site": next(sites)}
                add(like, fields | frozen | place, booking, dana)
    for now in (NOW, NOW + dt.timedelta(hours=10), NOW + DAY):
        rows = WorkOrder.objects.with_facts().order_by("pk")
        expected = [row.number for row in rows if row.status in OPEN and due_of(row, now).state == "late"]
        assert numbers(WorkOrder.objects.filter(late(now)).order_by("pk")) == expected
        assert 0 < len(expected) < rows.filter(status__in=OPEN).count()


@pytest.mark.parametrize(("completed_on", "expected"), [(3, []), (6, ["WO-1"])])
def test_late_of_work_sent_back_is_its_frozen_outcome(clock, dana, staff, completed_on, expected):
    """Target SLA Tue, Mar 3. Completed in time it stays met when the day passes, completed late it stays late."""
    work_order = make_accepted(dana, number="WO-1", parts_required=False)
    clock.move_to(dt.datetime(2026, 3, completed_on, 17, tzinfo=dt.UTC))
    services.complete(work_order, by=dana)
    assert numbers(WorkOrder.objects.filter(late(NOW + 20 * DAY))) == []
    services.send_back(fresh(work_order), note="A photo is missing", by=staff)
    assert numbers(WorkOrder.objects.filter(late(NOW + 20 * DAY))) == expected


def test_late_stays_in_time_when_the_target_moves_earlier_under_an_appointment(clock, dana, staff):
    work_order = make_accepted(dana, parts_required=False, entitlement=make_entitlement("Assure 3-Day", 3))
    on_thursday = Booking(dt.datetime(2026, 3, 5, 17, tzinfo=dt.UTC), "Robin", "+1 415 555 0111")
    services.book_appointment(work_order, on_thursday, by=dana)
    services.update_work_order(fresh(work_order), {"entitlement": make_entitlement()}, by=staff)
    assert fresh(work_order).target_on == dt.date(2026, 3, 3)
    assert numbers(WorkOrder.objects.filter(late(NOW + 20 * DAY))) == []


# --- The site's own date


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_site_dates_name_every_zone_once_with_its_own_date(hour):
    groups = list(site_dates(NOW.replace(hour=hour)))
    zones = [zone for _, names in groups for zone in names]
    assert len(groups) == len({day for day, _ in groups})
    assert len(zones) == len(set(zones))
    assert set(ZONES) <= set(zones)


def test_target_within_asks_for_the_sites_own_date(clock, dana):
    for zone in ZONES:
        make_accepted(dana, number=zone.partition("/")[2], parts_required=False, site=make_site(zone, time_zone=zone))
    WorkOrder.objects.update(target_on=MONDAY)
    assert numbers(WorkOrder.objects.filter(target_within(NOW, lambda today: (today, today)))) == [
        "London",
        "Los_Angeles",
        "Niue",
    ]


@pytest.mark.parametrize(
    ("day", "monday", "sunday"), [(1, (2026, 2, 23), (2026, 3, 1)), (2, (2026, 3, 2), (2026, 3, 8))]
)
def test_week_of_is_monday_to_sunday(day, monday, sunday):
    assert week_of(dt.date(2026, 3, day)) == (dt.date(*monday), dt.date(*sunday))


def test_sla_filter_without_a_name_is_no_condition():
    assert not sla_filter("", NOW)


# --- Orders and pages


@pytest.fixture
def nine(clock, dana) -> None:
    """Nine work orders with ties and, where there can be, empty values in every column."""
    for i in range(9):
        work_order = make_accepted(
            dana,
            number=f"WO-{(i * 7) % 9}",
            parts_required=False,
            subject=["Cable", "Screen ~ lock", "Screen"][i % 3],
            case_number=["", "C-2", "C-1"][i % 3],
            work_type=["repair", "installation"][i % 2],
            site=make_site(f"Site {i % 3}", account=f"Account {i % 2}"),
            territory=make_territory(f"T-{i % 2}"),
            entitlement=make_entitlement(f"E-{i % 3}"),
            assigned_on=MONDAY - (i % 4) * DAY,
        )
        if i % 3:
            at = dt.datetime(2026, 3, 1 + i % 3, 17, 30, tzinfo=dt.UTC)
            booking = {"at": at, "on": at.date(), "technician_name": "Robin", "contact_phone": "1", "booked_by": dana}
            appointment = Appointment.objects.create(work_order=work_order, **booking)
            WorkOrder.objects.filter(pk=work_order.pk).update(appointment=appointment)
    for number, status, target_on in [("WO-1", "on-hold", None), ("WO-4", "closed", None), ("WO-8", "shipped", MONDAY)]:
        held_from = "shipped" if status == "on-hold" else ""
        rows = WorkOrder.objects.filter(number=number)
        rows.update(status=status, target_on=target_on, held_from=held_from, completed_at=NOW)


VALUES = {
    "number": lambda row: row.number,
    "case": lambda row: row.case_number or None,
    "subject": lambda row: row.subject,
    "account": lambda row: row.site.account.name,
    "territory": lambda row: row.territory.name,
    "status": lambda row: list(Status).index(row.status),
    "assigned": lambda row: row.assigned_on,
    "entitlement": lambda row: row.entitlement.name,
    "appointment": lambda row: row.appointment and row.appointment.at,
    "work_type": lambda row: row.work_type,
    "target": lambda row: row.target_on,
}


def in_order(sort: str) -> list[str]:
    """What an order means, said by Python: values up or down, empty ones last, ties by number."""
    value = VALUES[sort.removeprefix("-")]
    rows = sorted(WorkOrder.objects.with_facts(), key=lambda row: row.number)
    filled = [row for row in rows if value(row) is not None]
    filled.sort(key=value, reverse=sort.startswith("-"))  # stable: ties stay by number even when reversed
    return numbers(filled + [row for row in rows if value(row) is None])


def test_sorts_are_the_eleven_columns():
    assert sorted(SORTS) == sorted(VALUES)


@pytest.mark.parametrize("sort", ORDERS)
def test_pages_of_any_size_are_complete_and_in_order(nine, sort):
    expected = in_order(sort)
    for size in (1, 2, 4):
        found, after = [], ""
        while True:
            rest = WorkOrder.objects.following(sort, after) if after else WorkOrder.objects.all()
            page = list(rest.sorted_by(sort)[:size])
            found += numbers(page)
            if len(page) < size:
                break
            after = cursor(page[-1])
        assert found == expected


@pytest.mark.parametrize("sort", ORDERS)
def test_following_goes_on_where_a_row_was_that_has_gone(nine, sort):
    rows = list(WorkOrder.objects.sorted_by(sort))
    rest = WorkOrder.objects.exclude(pk=rows[3].pk).following(sort, cursor(rows[3]))
    assert numbers(rest.sorted_by(sort)) == numbers(rows[4:])


@pytest.mark.parametrize("sort", ["target", "-target", "status", "appointment", "assigned"])
@pytest.mark.parametrize("after", ["", "~", "x", "x~WO-1", "2026-02-30~WO-1", "-1~WO-1", "99~WO-1", "\0~WO-1"])
def test_following_refuses_what_is_no_cursor(db, sort, after):
    with pytest.raises(ValueError):
        WorkOrder.objects.following(sort, after)


# --- Search


@given(st.text(max_size=40))
def test_fold_twice_is_fold_once(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=40))
def test_fold_leaves_letters_and_digits_only(text):
    assert all(sign.isalnum() or sign == " " for sign in fold(text))


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Café ZÜRICH", "cafe zurich"), ("Straße", "strasse"), ("\u210cotel", "hotel"), ("% _ \\ ' --", "")],
)
def test_fold_drops_case_accents_and_signs(text, folded):
    assert fold(text) == folded


def test_search_text_squashes_what_has_digits():
    assert search_text(["+1 415 555-0187", "Mission Creek"]) == "1 415 5550187 mission creek 14155550187"


@pytest.mark.parametrize("query", ["", "  "])
def test_search_without_words_is_everything(clock, db, query):
    make_work_order("WO-1")
    assert numbers(WorkOrder.objects.search(query)) == ["WO-1"]


@pytest.mark.parametrize("query", ["%", "_", "\\", "'", "x" * 201, "WO-1 " * 50, "WO-1 nothing"])
def test_search_for_signs_or_too_much_is_nothing(clock, db, query):
    make_work_order("WO-1")
    assert numbers(WorkOrder.objects.search(query)) == []
