"""Why this date: the sum behind the target, line by line and in words, on every page that
shows it.
"""

import datetime as dt

import pytest
from django.urls import reverse

from tests.factories import fresh, make_accepted, make_entitlement, ready_to_complete, ship
from tests.pages import html_of
from workorders import services
from workorders.services.calendars.entitlements import save_entitlement
from workorders.targets.explaining import explain
from workorders.templatetags.dates import sum_in_words

pytestmark = pytest.mark.once

SATURDAY = dt.date(2026, 3, 7)
COUNTED = (
    'FSO-1 expected: <time datetime="2026-03-04">Wed, Mar 4</time>. 1 business day, counted from'
    ' the day after the start: <time datetime="2026-03-05">Thu, Mar 5</time>.'
)


def why(work_order):
    return explain(work_order, work_order.shipments.all(), work_order.holds.all())


def details(client, work_order) -> str:
    return html_of(client.get(reverse("work-order", args=[work_order.number])))


@pytest.fixture
def rolled(clock, dana):
    """Due on a Saturday, which this entitlement counts as the next business day."""
    entitlement = make_entitlement("Assure Next", 1)
    entitlement.from_next_business_day = True
    work_order = make_accepted(dana, entitlement=save_entitlement(entitlement, by=None))
    ship(work_order, carrier="", service="", estimated_delivery_on=SATURDAY)
    return fresh(work_order)


def test_lines_name_the_source_once_and_a_second_start_its_own_reason(rolled):
    assert [
        (line.day.day, line.words, line.mark, line.is_passed) for line in why(rolled).lines
    ] == [
        (7, "Delivery of FSO-1 expected", "start", False),
        (8, "Sunday", "skipped", True),
        (9, "counted from here: the next business day", "start", False),
        (10, "business day", "1 of 1", False),
        (10, "Target SLA", "", False),
    ]


def test_without_a_sum_there_are_no_lines(clock, dana):
    assert why(make_accepted(dana)).lines == []


def test_words_hold_their_dates_as_dates(work_order):
    assert sum_in_words(why(work_order)).endswith(COUNTED)


def test_words_tell_days_apart_that_begin_alike(clock, dana):
    work_order = make_accepted(dana, entitlement=make_entitlement("Long", 15), parts_required=False)
    text = sum_in_words(why(work_order))
    assert '<time datetime="2026-03-02">Mon, Mar 2</time>. 15 business days' in text
    assert text.endswith('<time datetime="2026-03-23">Mon, Mar 23</time>.')


def test_words_are_escaped(clock, dana):
    work_order = make_accepted(dana)
    ship(work_order, "FSO-1", carrier="", service="", estimated_delivery_on=dt.date(2026, 3, 4))
    explanation = why(fresh(work_order))._replace(words="<b> Wed, Mar 4")
    assert sum_in_words(explanation) == '&lt;b&gt; <time datetime="2026-03-04">Wed, Mar 4</time>'


def test_the_page_shows_rule_calendar_and_the_way_to_the_receipt(rolled, dana, client_of):
    text = details(client_of(dana), rolled)
    rule = (
        "1 business day, counted from the day after the start;"
        " a closed start counts as the next business day"
    )
    assert f"Assure Next, revision {rolled.level_revision}: {rule}." in text
    assert f"Business calendar of US-Federal, revision {rolled.target_revision}." in text
    assert f'href="/work-orders/{rolled.number}/receipt/"' in text
    assert text.count("Delivery of FSO-1 expected") == 1


@pytest.mark.parametrize("headers", [None, {"HX-Request": "true"}])
def test_the_missed_sla_question_says_how_the_target_is_counted(post, headers):
    answer = post(headers, appointment_at="2026-03-06T09:00")
    assert f"How the target is counted: Delivery of {COUNTED}" in html_of(answer)


def test_a_frozen_outcome_judged_by_a_later_target_says_so(work_order, dana, clock, client_of):
    at = dt.datetime(2026, 3, 5, 20, tzinfo=dt.UTC)
    services.book_appointment(work_order, services.Booking(at, "Robin", "+1 415 555 0111"), by=dana)
    services.parts_received(fresh(work_order), numbers=["FSO-1"], on=dt.date(2026, 3, 2), by=dana)
    clock.move_to(at)
    services.complete(ready_to_complete(work_order, by=dana), by=dana)
    assert fresh(work_order).target_on == dt.date(2026, 3, 3)
    words = 'The outcome was judged by <time datetime="2026-03-05">Thu, Mar 5</time>'
    assert words in details(client_of(dana), work_order)


def test_the_admin_shows_the_same_sum(rolled, admin_user, client_of):
    text = html_of(
        client_of(admin_user).get(reverse("admin:workorders_workorder_change", args=[rolled.pk]))
    )
    for words in (
        "Why this date?",
        "counted from here: the next business day",
        f"/{rolled.number}/receipt/",
    ):
        assert words in text


def hold_days(clock, work_order, first: int, last: int, reason: str, *, stops_clock: bool) -> None:
    clock.move_to(dt.datetime(2026, 3, first, 17, tzinfo=dt.UTC))
    services.hold(work_order, reason=reason, stops_clock=stops_clock, by=None)
    clock.move_to(dt.datetime(2026, 3, last, 17, tzinfo=dt.UTC))
    services.resume(work_order, by=None)


def test_a_day_on_hold_says_which_hold(clock, dana):
    days = make_entitlement("Assure 3-Day", 3)
    work_order = make_accepted(dana, entitlement=days, parts_required=False)
    hold_days(clock, work_order, 3, 4, "Garage closed", stops_clock=True)
    hold_days(clock, work_order, 5, 5, "No badge yet", stops_clock=False)
    hold_days(clock, work_order, 6, 6, "Permit " * 20, stops_clock=True)
    explanation = why(fresh(work_order))
    held = [(line.day.day, line.words) for line in explanation.lines if line.mark == "held"]
    assert held == [
        (3, "on hold: Garage closed"),
        (4, "on hold: Garage closed"),
        (6, f"on hold: {('Permit ' * 12)[:79]}…"),
    ]
    assert "Wed, Mar 4 (on hold: Garage closed)" in explanation.words


def test_an_open_hold_is_named_where_the_sum_ends(clock, dana):
    work_order = make_accepted(dana, parts_required=False)
    services.hold(work_order, reason="Garage closed", stops_clock=True, by=None)
    assert why(fresh(work_order)).lines[-1].words == "on hold, no end yet: Garage closed"


def test_a_frozen_sum_still_names_its_hold(clock, dana):
    work_order = make_accepted(dana, parts_required=False)
    hold_days(clock, work_order, 3, 4, "Garage closed", stops_clock=True)
    services.complete(ready_to_complete(fresh(work_order), by=dana), by=dana)
    work_order.holds.update(reason="Another one")
    assert "on hold: Garage closed" in [line.words for line in why(fresh(work_order)).lines]
