"""The time zone of a site is corrected, or the work moves: day and clock at the site stay
(docs/rules.md, rule 3).
"""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from tests.factories import fresh, make_accepted, make_site, ready_to_complete
from tests.pages import html_of
from workorders.fieldwork.calendar_invite import calendar_file
from workorders.models import Notification, Site, Station, WorkOrder
from workorders.models.ledger import Event
from workorders.models.notifications import Kind
from workorders.services import (
    Booking,
    book_appointment,
    cancel,
    complete,
    correct_visit,
    end_visit,
    enter_visit,
    send_back,
    start_visit,
    undo_last_step,
    update_work_order,
)
from workorders.services.places import save_place
from workorders.services.visits.site_clock import same_clock
from workorders.states import VisitOutcome

CHICAGO, DENVER = ZoneInfo("America/Chicago"), ZoneInfo("America/Denver")
D = dt.date


def nine(day: int, zone: ZoneInfo = CHICAGO, hour: int = 9, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=zone)


@pytest.fixture
def in_chicago(clock, dana) -> WorkOrder:
    site = make_site("Loop Garage", time_zone="America/Chicago")
    return make_accepted(dana, parts_required=False, site=site)


def book(work_order: WorkOrder, at: dt.datetime, dana, tess) -> WorkOrder:
    booking = Booking(at, tess.name, "+1 415 555 0111", technician=tess)
    late = {"reason": "weather", "confirmed_target": work_order.target_on}
    book_appointment(work_order, booking._replace(**late), by=dana)
    return fresh(work_order)


def correct(work_order: WorkOrder, staff, zone: str = "America/Denver") -> WorkOrder:
    site = Site.objects.get(pk=work_order.site_id)
    site.time_zone = zone
    save_place(site, by=staff)
    return fresh(work_order)


def note_of(work_order: WorkOrder) -> str:
    return work_order.ledger.get(event=Event.TIME_ZONE_CHANGED).note


def test_a_corrected_zone_keeps_day_and_clock_of_an_appointment(
    in_chicago, dana, tess, staff, client_of
):
    booked = book(in_chicago, nine(10), dana, tess)
    row = correct(booked, staff)
    assert (row.appointment.at, row.appointment.on) == (nine(10, DENVER), D(2026, 3, 10))
    assert row.missed_sla_reasons.get().appointment_at == nine(10, DENVER)
    assert note_of(row) == (
        "America/Chicago → America/Denver. The appointment stays Tue, Mar 10, 9:00 AM at the site."
    )
    entry = row.ledger.last()
    assert (entry.actor, entry.version, row.version) == (staff, row.version, booked.version + 1)
    text = html_of(client_of(dana).get(reverse("work-order", args=[row.number])))
    assert "9:00 AM" in text
    assert "8:00 AM" not in text
    file = calendar_file(
        row, row.appointments.for_calendar().get(), [], "https://portal.example/"
    ).decode()
    assert "DTSTART;TZID=America/Denver:20260310T090000" in file
    assert f"SEQUENCE:{row.version}" in file


def test_people_of_booked_work_are_told(in_chicago, dana, tess, staff):
    unbooked = make_accepted(dana, parts_required=False, site=in_chicago.site)
    correct(book(in_chicago, nine(10), dana, tess), staff)
    notifications = Notification.objects.filter(kind=Kind.TIME_ZONE_CHANGED)
    assert set(notifications.values_list("work_order", "user")) == {
        (in_chicago.pk, dana.pk),
        (in_chicago.pk, tess.pk),
    }
    assert note_of(fresh(unbooked)) == "America/Chicago → America/Denver."


def test_what_was_said_before_keeps_the_clock_it_said(in_chicago, dana, tess, staff):
    first = book(in_chicago, nine(10), dana, tess).appointment
    row = correct(book(fresh(in_chicago), nine(11), dana, tess), staff)
    first.refresh_from_db()
    assert first.at == nine(10, DENVER)
    said = Notification.objects.filter(work_order=row, kind=Kind.BOOKED).order_by("pk")
    assert ["9:00 AM MDT" in each.plain_text for each in said] == [True, True]


def test_work_that_moves_to_a_site_in_another_zone_keeps_its_clock(in_chicago, dana, tess, staff):
    book(in_chicago, nine(10), dana, tess)
    site = make_site("Union Station", time_zone="America/Denver")
    station = Station.objects.create(site=site, serial="SN-D", model="CP6000")
    update_work_order(fresh(in_chicago), {"site": site, "station": station}, by=staff)
    row = fresh(in_chicago)
    assert (row.appointment.at, row.appointment.on) == (nine(10, DENVER), D(2026, 3, 10))
    assert list(row.ledger.filter(version=row.version).values_list("event", flat=True)) == [
        Event.UPDATED,
        Event.TIME_ZONE_CHANGED,
    ]


def test_a_tapped_visit_keeps_its_instant_and_its_day_follows(in_chicago, dana, staff, clock):
    began = nine(6, hour=0, minute=30)
    clock.move_to(began, tick=False)
    start_visit(in_chicago, by=dana)
    end_visit(fresh(in_chicago), outcome=VisitOutcome.RETURN, by=dana)
    assert fresh(in_chicago).visited_on == D(2026, 3, 6)
    row = correct(in_chicago, staff)
    visit = row.visits.get()
    assert (visit.began_at, visit.on, row.visited_on) == (began, D(2026, 3, 5), D(2026, 3, 5))


def visited_after_midnight(work_order: WorkOrder, dana, clock) -> dt.datetime:
    began = nine(6, hour=0, minute=30)
    clock.move_to(began, tick=False)
    start_visit(work_order, by=dana)
    clock.move_to(nine(6, hour=1), tick=False)
    end_visit(fresh(work_order), outcome=VisitOutcome.DONE, by=dana)
    return began


def test_the_visit_of_an_earlier_cycle_keeps_its_clock(in_chicago, dana, staff, clock):
    visited_after_midnight(in_chicago, dana, clock)
    complete(ready_to_complete(fresh(in_chicago), by=dana), by=dana)
    send_back(fresh(in_chicago), note="It is loose", by=staff)
    row = correct(in_chicago, staff)
    visit = row.visits.get()
    assert (visit.began_at, visit.on) == (nine(6, DENVER, 0, 30), D(2026, 3, 6))
    assert (row.visited_on, row.outcome_on) == (None, D(2026, 3, 6))


def test_a_tap_counts_as_one_again_when_the_end_of_the_work_is_undone(
    in_chicago, dana, staff, clock
):
    began = visited_after_midnight(in_chicago, dana, clock)
    cancel(fresh(in_chicago), comment="It cleared", by=staff)
    correct(in_chicago, staff)
    undo_last_step(fresh(in_chicago), note="x", by=staff)
    row = fresh(in_chicago)
    visit = row.visits.get()
    assert (visit.began_at, visit.ended_at) == (began, nine(6, hour=1))
    assert (visit.on, row.visited_on) == (D(2026, 3, 5), D(2026, 3, 5))


def test_a_day_booked_in_time_late_in_the_evening_stays_protected(
    in_chicago, dana, tess, staff, clock
):
    clock.move_to(nine(3, hour=23, minute=30), tick=False)
    row = book(in_chicago, nine(3, hour=23, minute=45), dana, tess)
    assert row.protected_until == D(2026, 3, 3)
    assert correct(in_chicago, staff, "America/New_York").protected_until == D(2026, 3, 3)


@pytest.mark.parametrize("how", ["entered", "corrected"])
def test_a_typed_visit_keeps_its_clock(in_chicago, dana, staff, clock, how):
    clock.move_to(nine(6, hour=12), tick=False)
    began = nine(6, hour=0, minute=30)
    if how == "entered":
        enter_visit(in_chicago, began_at=began, outcome=VisitOutcome.RETURN, by=dana)
    else:
        visit = start_visit(in_chicago, by=dana)
        correct_visit(fresh(in_chicago), visit.pk, began_at=began, by=dana)
    row = correct(in_chicago, staff)
    visit = row.visits.get()
    began = nine(6, DENVER, 0, 30)
    assert (visit.began_at, visit.on, row.visited_on) == (began, D(2026, 3, 6), D(2026, 3, 6))


def test_ended_work_keeps_clock_and_days_and_its_ledger(in_chicago, dana, tess, staff, clock):
    clock.move_to(nine(6, hour=0, minute=30), tick=False)
    book(in_chicago, nine(10), dana, tess)
    start_visit(fresh(in_chicago), by=dana)
    cancel(fresh(in_chicago), comment="It cleared", by=staff)
    before = fresh(in_chicago)
    row = correct(in_chicago, staff)
    visit = row.visits.get()
    assert (row.appointment.at, visit.began_at, visit.on, row.visited_on) == (
        nine(10, DENVER),
        nine(6, DENVER, 0, 30),
        D(2026, 3, 6),
        D(2026, 3, 6),
    )
    assert (row.version, row.ledger.count()) == (before.version, before.ledger.count())


def test_a_time_that_the_new_zone_skips_is_the_first_minute_after_the_gap(clock, dana, tess, staff):
    site = make_site("Phoenix Mall", time_zone="America/Phoenix")
    work_order = make_accepted(dana, parts_required=False, site=site)
    skipped = nine(8, ZoneInfo("America/Phoenix"), 2, 30)
    row = correct(book(work_order, skipped, dana, tess), staff)
    assert row.appointment.at == nine(8, DENVER, 3)
    assert note_of(row) == (
        "America/Phoenix → America/Denver. The clock there skips Sun, Mar 8, 2:30 AM:"
        " the appointment is Sun, Mar 8, 3:00 AM."
    )


def test_of_two_the_same_clock_means_the_first():
    at = dt.datetime(2026, 11, 1, 1, 30, tzinfo=ZoneInfo("America/Phoenix"))
    first = dt.datetime(2026, 11, 1, 1, 30, tzinfo=DENVER, fold=0)
    assert same_clock(at, ZoneInfo("America/Phoenix"), DENVER) == first.astimezone(dt.UTC)


def test_another_address_in_the_same_zone_writes_no_work(in_chicago, staff):
    site = Site.objects.get(pk=in_chicago.site_id)
    site.street = "1 Wacker Dr"
    save_place(site, by=staff)
    row = fresh(in_chicago)
    assert (row.version, row.ledger.count()) == (in_chicago.version, in_chicago.ledger.count())
