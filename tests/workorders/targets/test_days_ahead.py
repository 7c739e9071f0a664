"""The ten days a partner chooses from: what an appointment on each would be, in the site's own
days.
"""

import datetime as dt

import pytest

from tests.factories import book_on, fresh, make_site
from tests.pages import html_of
from workorders.models import Shipment
from workorders.targets.days_ahead import DayAhead, days_ahead

pytestmark = pytest.mark.once

MONDAY = dt.date(2026, 3, 2)


def march(day: int) -> dt.date:
    return dt.date(2026, 3, day)


def part(edd: dt.date | None = None, delivered: dt.date | None = None, **fields) -> Shipment:
    status = "delivered" if delivered else "shipped"
    return Shipment(
        number="FSO-9", estimated_delivery_on=edd, delivered_on=delivered, status=status, **fields
    )


@pytest.fixture
def states(work_order):
    """What the ten days are: by the target, the shipments, and today."""

    def seen(target_on: dt.date | None, *shipments: Shipment, today: dt.date = MONDAY) -> list[str]:
        work_order.target_on = target_on
        for shipment in shipments:
            shipment.work_order = work_order
        return [day.outlook for day in days_ahead(work_order, shipments, today)]

    return seen


def test_days_run_from_before_the_parts_to_late(work_order):
    days = days_ahead(work_order, work_order.shipments.all(), MONDAY)
    assert [(day.day.day, day.words) for day in days] == [
        (2, "before the parts arrive"),
        (3, "before the parts arrive"),
        (4, "in SLA"),
        (5, "last day in SLA"),
        (6, "late"),
        (7, "closed: Saturday · late"),
        (8, "closed: Sunday · late"),
        (9, "late"),
        (10, "late"),
        (11, "late"),
    ]


def test_a_holiday_is_closed_and_still_what_it_would_be(work_order):
    work_order.target_on = dt.date(2026, 11, 27)
    days = days_ahead(work_order, [], dt.date(2026, 11, 25))
    assert days[1] == DayAhead(dt.date(2026, 11, 26), "fine", "Thanksgiving Day")
    assert [day.words for day in days[1:5]] == [
        "closed: Thanksgiving Day",
        "last day in SLA",
        "closed: Saturday · late",
        "closed: Sunday · late",
    ]


def test_a_target_without_business_days_can_be_today(states):
    assert states(MONDAY, part(delivered=MONDAY)) == ["near"] + ["late"] * 9


def test_a_target_that_is_over_leaves_only_late_days(states):
    assert states(dt.date(2026, 2, 27)) == ["late"] * 10


def test_a_target_far_away_leaves_only_timely_days(states):
    assert states(march(31)) == ["fine"] * 10


def test_without_a_target_days_are_neither_early_nor_late(states):
    assert states(None) == ["waiting"] * 10


def test_a_later_cycle_without_a_target_waits_for_none(work_order):
    work_order.cycle, work_order.target_on = 2, None
    assert {
        (day.outlook, day.words) for day in days_ahead(work_order, [], MONDAY) if not day.closed
    } == {("free", "no target")}


def test_without_a_target_the_part_that_has_a_date_is_still_waited_for(states):
    assert states(None, part(march(4)), part()) == ["early"] * 2 + ["waiting"] * 8


def test_the_last_required_part_decides(states):
    optional, on_its_way_back = part(march(9), required=False), part(march(9), direction="return")
    shipments = (
        part(march(3)),
        part(march(4)),
        part(march(6), delivered=MONDAY),
        optional,
        on_its_way_back,
    )
    assert states(march(5), *shipments)[:4] == ["early", "early", "fine", "near"]


def test_overdue_parts_make_no_day_early(states):
    assert states(march(5), part(dt.date(2026, 2, 27)))[:4] == ["fine", "fine", "fine", "near"]


def test_parts_due_today_make_no_day_early(states):
    assert states(march(3), part(MONDAY))[:2] == ["fine", "near"]


def test_work_without_parts_waits_for_none(work_order, states):
    work_order.parts_required = False
    assert states(march(3), part(march(4)))[:3] == ["fine", "near", "late"]


def test_a_day_both_late_and_before_the_parts_is_late(states):
    assert states(march(3), part(march(6)))[:4] == ["early", "early", "late", "late"]


def test_up_to_the_day_booked_in_time_no_day_is_late(work_order, states):
    work_order.protected_until = work_order.protected_by = march(5)
    assert states(march(3))[:5] == ["fine", "near", "fine", "fine", "late"]


def test_a_calendar_that_ends_names_no_closed_days_behind_it(work_order):
    days = days_ahead(work_order, [], dt.date(2029, 12, 29))
    assert [day.closed for day in days[:5]] == ["Saturday", "Sunday", "", "", ""]
    assert days[-1].day == dt.date(2030, 1, 7)


@pytest.mark.parametrize("today", [dt.date(2026, 3, 7), dt.date(2026, 10, 31)])
def test_no_day_is_skipped_or_repeated_when_the_clocks_change(work_order, today):
    days = [day.day for day in days_ahead(work_order, [], today)]
    assert days == [today + dt.timedelta(days=ahead) for ahead in range(10)]


# --- On the page
def page(client, work_order, **query):
    return client.get(f"/work-orders/{work_order.number}/", query)


def field(answer) -> str:
    return answer.context["form"]["appointment_at"].value() or ""


@pytest.mark.no_waits
def test_the_days_are_the_sites_when_new_york_is_a_day_ahead(work_order, dana, client_of, clock):
    work_order.site = make_site("Kakaako", time_zone="Pacific/Honolulu", city="Honolulu")
    work_order.save(update_fields=["site"])
    clock.move_to(dt.datetime(2026, 3, 3, 5, 30, tzinfo=dt.UTC))  # 0:30 on Tuesday in New York
    assert page(client_of(dana), work_order).context["days"][0].day == MONDAY


def test_each_day_is_a_link_that_keeps_the_way_back(work_order, dana, client_of):
    text = html_of(page(client_of(dana), work_order, back="status=shipped&sort=target"))
    back = "back=status%3Dshipped%26sort%3Dtarget"
    href = f"/work-orders/{work_order.number}/?day=2026-03-04&amp;{back}#appointment"
    assert f'href="{href}" data-day="2026-03-04">' in text
    assert text.count("data-day=") == 10


def test_a_day_is_filled_in_at_nine_and_marked(work_order, dana, client_of):
    answer = page(client_of(dana), work_order, day="2026-03-04")
    assert field(answer) == "2026-03-04T09:00"
    assert html_of(answer).count('data-day="2026-03-04" aria-current="true"') == 1


def test_a_day_keeps_the_hour_and_technician_of_the_appointment(
    work_order, dana, client_of, booked
):
    answer = page(client_of(dana), work_order, day="2026-03-04")
    assert field(answer) == "2026-03-04T14:30"
    assert 'value="Robin"' in html_of(answer)
    assert fresh(work_order).appointment.on == march(5)


def test_the_appointments_own_day_is_marked(work_order, dana, client_of, booked):
    assert 'data-day="2026-03-05" aria-current="true"' in html_of(page(client_of(dana), work_order))


@pytest.fixture
def booked(post):
    assert post(appointment_at="2026-03-05T14:30").status_code == 302


@pytest.mark.parametrize(
    "day",
    ["", "tomorrow", "2026-02-30", "20260304", "2026-W10-3", "\x00", "9" * 5000, "٢٠٢٦-03-04"],
)
def test_a_bad_day_is_ignored(work_order, dana, client_of, day):
    answer = page(client_of(dana), work_order, day=day)
    assert (answer.status_code, field(answer)) == (200, "")


def test_an_hour_that_the_day_skips_is_refused_when_it_is_saved(work_order, dana, client_of, post):
    assert post(appointment_at="2026-03-05T02:30").status_code == 302
    at = field(page(client_of(dana), work_order, day="2026-03-08"))
    answer = post(appointment_at=at, version=fresh(work_order).version)
    assert (at, answer.status_code) == ("2026-03-08T02:30", 422)
    assert "This hour does not exist at the site" in html_of(answer)


def test_the_days_are_shown_to_those_who_may_book(work_order, tess, staff, client_of):
    book_on(work_order, tess)
    for person in (tess, staff):
        assert "data-day=" not in html_of(page(client_of(person), work_order))


@pytest.mark.parametrize("headers", [None, {"HX-Request": "true"}])
def test_the_days_come_back_with_an_error_and_mark_what_was_typed(post, headers):
    answer = post(headers, appointment_at="2026-03-04T10:00", technician_name="")
    text = html_of(answer)
    assert (answer.status_code, text.count("data-day=")) == (422, 10)
    assert 'data-day="2026-03-04" aria-current="true"' in text
