"""The schedule by day and technician at each site's time; a visit as a calendar file; messages that
are ready.
"""

import datetime as dt
import html
import re
import zoneinfo

import pytest
from icalendar import Calendar

from tests.factories import fresh, make_accepted, make_site, make_territory, ship
from tests.pages import html_of, mismatches
from workorders.models import WorkOrder
from workorders.services import (
    POC,
    Booking,
    add_second_poc,
    book_appointment,
    end_visit,
    start_visit,
)
from workorders.states import VisitOutcome

MONDAY = dt.date(2026, 3, 2)
RETURN = {
    "kind": "RMA",
    "direction": "return",
    "required": False,
    "status": "ordered",
    "carrier": "",
    "service": "",
}


def booked(by, at: dt.datetime, technician: str = "Tess Moreno", **fields) -> WorkOrder:
    made = make_accepted(
        by, parts_required=False, line_items=("Lock out the station", "Replace the cable"), **fields
    )
    booking = Booking(at, technician, "+1 415 555 0188", "tess@voltfix.example")
    return book_appointment(
        made, booking._replace(reason="technician", confirmed_target=made.target_on), by=by
    )


def at(day: int, hour: int, zone: str = "America/Los_Angeles") -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, tzinfo=zoneinfo.ZoneInfo(zone))


def agenda(browser, query: str = "") -> list[tuple[dt.date, str, list[str]]]:
    days = browser.get(f"/schedule/{query}").context["days"]
    return [
        (day.day, group.technician, [visit.work_order.number for visit in group.visits])
        for day in days
        for group in day.groups
    ]


def test_visits_stand_by_day_and_technician_in_the_order_of_the_clock(clock, dana, client_of):
    later, early = booked(dana, at(3, 15)), booked(dana, at(3, 9))
    other, next_day = booked(dana, at(3, 8), "Ann Ode"), booked(dana, at(4, 8))
    booked(dana, at(12, 8))
    assert agenda(client_of(dana)) == [
        (dt.date(2026, 3, 3), "Ann Ode", [other.number]),
        (dt.date(2026, 3, 3), "Tess Moreno", [early.number, later.number]),
        (dt.date(2026, 3, 4), "Tess Moreno", [next_day.number]),
    ]


def test_day_is_the_sites_own(clock, dana, client_of):
    munich = make_site("Parkhaus Süd", "Stadtwerke", time_zone="Europe/Berlin")
    made = booked(
        dana, at(4, 0, "Europe/Berlin"), site=munich, territory=make_territory("DE-BY", "DE", "BY")
    )
    assert agenda(client_of(dana)) == [(dt.date(2026, 3, 4), "Tess Moreno", [made.number])]


@pytest.mark.parametrize(
    ("query", "count"), [("?from=2026-03-09", 1), ("?from=nonsense", 0), ("?from=2026-02-23", 0)]
)
def test_another_week_can_be_chosen(clock, dana, client_of, query, count):
    booked(dana, at(12, 8))
    assert len(agenda(client_of(dana), query)) == count


def test_more_visits_than_fit_on_a_page_go_on_by_days_and_within_a_long_day(
    clock, dana, client_of, monkeypatch
):
    monkeypatch.setattr("workorders.views.schedule.MOST", 2)
    made = [
        booked(dana, at(day, hour)).number
        for day, hour in ((3, 9), (4, 9), (4, 10), (4, 11), (5, 9))
    ]
    browser, query, seen = client_of(dana), "", []
    while query is not None:
        seen.append([number for _, _, numbers in agenda(browser, query) for number in numbers])
        onward = re.findall(
            r'<a href="([^"]*)" rel="next">(?:More v|V)isits',
            html_of(browser.get(f"/schedule/{query}")),
        )
        query = html.unescape(onward[0]) if onward else None
    assert seen == [made[:1], made[1:3], made[3:]]
    assert agenda(browser, "?page=x")[0][2] == made[:1]


def test_another_partners_visits_are_not_there(clock, dana, omar, client_of):
    made = booked(dana, at(3, 9))
    page = html_of(client_of(omar).get("/schedule/"))
    assert mismatches(page, "No visits on these days", without=[made.number]) == []
    assert client_of(omar).get(f"/work-orders/{made.number}/appointment.ics").status_code == 404


def test_what_is_to_be_booked_is_beside_by_target(clock, dana, client_of):
    later = make_accepted(dana, parts_required=False, assigned_on=MONDAY)
    first = make_accepted(dana, parts_required=False, assigned_on=MONDAY - dt.timedelta(days=5))
    unbooked = client_of(dana).get("/schedule/").context["unbooked"]
    assert [row.number for row, _ in unbooked] == [first.number, later.number]


def owe(by, number: str, due: dt.date | None) -> None:
    made = make_accepted(by)
    ship(made, number, **RETURN, return_due_on=due)
    made.shipments.get(number=number).parts.create(part_number="CBL-23", quantity=1)


def test_schedule_asks_the_same_number_of_queries_for_1_and_3_rows(
    clock, dana, client_of, django_assert_num_queries
):
    browser = client_of(dana)
    for hours in ([9], [10, 11]):
        for hour in hours:
            booked(dana, at(3, hour))
            make_accepted(dana, parts_required=False)
            owe(dana, f"RMA-{hour}", MONDAY)
        browser.get("/schedule/")
        with django_assert_num_queries(7):
            browser.get("/schedule/")


def test_work_without_a_target_is_booked_after_that_with_one(clock, dana, client_of):
    """SQLite and PostgreSQL sort what is empty each its own way."""
    row = booked(dana, at(3, 9))
    visit = start_visit(row, by=dana)
    end_visit(row, outcome=VisitOutcome.NOBODY, by=dana)
    assert visit.appointment == row.appointment
    WorkOrder.objects.filter(pk=row.pk).update(target_on=None)
    first = make_accepted(dana, parts_required=False, assigned_on=MONDAY)
    unbooked = client_of(dana).get("/schedule/").context["unbooked"]
    assert [found.number for found, _ in unbooked] == [first.number, row.number]


def test_what_is_owed_is_beside_the_first_due_first(clock, dana, client_of):
    owe(dana, "RMA-LATER", MONDAY + dt.timedelta(days=9))
    owe(dana, "RMA-SOON", MONDAY + dt.timedelta(days=1))
    owe(dana, "RMA-SENT", MONDAY)
    ship(
        WorkOrder.objects.get(shipments__number="RMA-SENT"),
        "RMA-SENT",
        **RETURN | {"status": "shipped"},
    )
    answer = client_of(dana).get("/schedule/")
    assert [shipment.number for shipment, _ in answer.context["owed"]] == ["RMA-SOON", "RMA-LATER"]
    assert "send back in 1 business day" in html_of(answer)


def test_each_site_begins_with_its_own_today(clock, dana, client_of):
    """Tuesday, 15:30 in San Francisco is Wednesday, 12:30 in Auckland: Tuesday's visit there is
    over.
    """
    auckland = make_site("Wynyard Quarter", "Harbour", time_zone="Pacific/Auckland")
    _over, today = (booked(dana, at(day, 15, "Pacific/Auckland"), site=auckland) for day in (3, 4))
    here = booked(dana, at(3, 18))
    clock.move_to(dt.datetime(2026, 3, 3, 23, 30, tzinfo=dt.UTC))
    days = client_of(dana).get("/schedule/").context["days"]
    assert [(day.day.day, day.on_paper) for day in days] == [(3, True), (4, True)]
    shown = {
        visit.work_order.number for day in days for group in day.groups for visit in group.visits
    }
    assert shown == {today.number, here.number}


def test_paper_has_the_visits_of_today_or_of_the_day_that_was_asked_for(clock, dana, client_of):
    for day in (2, 3, 4):
        booked(dana, at(day, 15))
    browser = client_of(dana)
    for query, found in (("", [2]), ("?from=2026-03-03", [3]), ("?from=2026-03-01", [])):
        days = browser.get(f"/schedule/{query}").context["days"]
        assert [day.day.day for day in days if day.on_paper] == found


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-02-30", ""])
def test_day_that_has_no_week_is_today(clock, dana, client_of, day):
    booked(dana, at(3, 9))
    assert len(agenda(client_of(dana), f"?from={day}")) == 1


def test_technician_is_not_told_what_others_have_to_book(clock, dana, tess, client_of):
    make_accepted(dana, parts_required=False)
    assert "To be booked" in html_of(client_of(dana).get("/schedule/"))
    assert "To be booked" not in html_of(client_of(tess).get("/schedule/"))


def test_messages_stand_beside_each_visit(clock, dana, tess, client_of):
    booked(dana, at(3, 9))
    page = html_of(client_of(dana).get("/schedule/"))
    assert "sms:+14155550187?body=Our%20technician" in page


# --- The calendar file
def test_calendar_file_has_time_zone_address_access_and_steps(clock, dana, client_of):
    made = booked(dana, at(3, 9), access_notes="Gate code at the desk")
    answer = client_of(dana).get(f"/work-orders/{made.number}/appointment.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    (event,) = Calendar.from_ical(answer.content).events
    assert (event.start, event.start.utcoffset()) == (at(3, 9), dt.timedelta(hours=-8))
    assert event["location"] == "Mission Creek Offices, 640 Channel St, San Francisco CA 94158, US"
    for fact in (
        "Gate code at the desk",
        "Priya Natarajan",
        "1. Lock out the station",
        f"/work-orders/{made.number}/",
    ):
        assert fact in event["description"]


@pytest.mark.parametrize("name", ["x\r\nATTENDEE:evil", "ü" * 100, "a;b,c\\d"])
def test_calendar_file_survives_hostile_names(clock, dana, client_of, name):
    made = booked(dana, at(3, 9), subject="Replace", access_notes=name)
    content = client_of(dana).get(f"/work-orders/{made.number}/appointment.ics").content
    (event,) = Calendar.from_ical(content).events
    assert "attendee" not in event
    assert max(map(len, content.split(b"\r\n"))) <= 75


def test_work_without_an_appointment_has_no_calendar_file(work_order, dana, client_of):
    assert (
        client_of(dana).get(f"/work-orders/{work_order.number}/appointment.ics").status_code == 404
    )


def test_messages_are_written_already(clock, dana, client_of):
    made = booked(dana, at(3, 9))
    page = html_of(client_of(dana).get(f"/work-orders/{made.number}/"))
    assert "sms:+14155550187?body=Our%20technician%20Tess%20Moreno%20will%20be%20at" in page
    assert "mailto:tess@voltfix.example?subject=" in page
    assert fresh(made).number in page


def test_second_poc_is_in_the_calendar_file_and_can_be_written_to(clock, dana, client_of):
    made = booked(dana, at(3, 9))
    add_second_poc(made, POC("Lee Osei", "+1 415 555 0190"), by=dana)
    (event,) = Calendar.from_ical(
        client_of(dana).get(f"/work-orders/{made.number}/appointment.ics").content
    ).events
    assert "Second POC: Lee Osei, +1 415 555 0190" in event["description"]
    assert "sms:+14155550190?body=Our%20technician" in html_of(client_of(dana).get("/schedule/"))
