"""The scorecard, one work order after the other, on Monday, March 2nd 2026: what counts where, and
who reads what.
"""

import datetime as dt
from typing import Any

import pytest

from tests.factories import fresh, make_accepted, make_entitlement, make_site, make_work_order
from tests.pages import html_of, mismatches
from tests.workorders.scorecard.scores import CSV, LIST, URL, csv_of
from workorders.models import WorkOrder
from workorders.services import Booking, book_appointment, cancel, could_not_complete, review_reason
from workorders.states import (
    CAUSE_OF_REASON,
    CouldNotCompleteReason,
    DelayReason,
    Status,
    VerdictKind,
)

pytestmark = pytest.mark.no_waits


def score_of(browser, query="") -> dict[str, Any]:
    page = browser.get(f"{URL}?{query}")
    score = page.context["total"].score
    return {name: getattr(score, name) for name in ("in_time", "missed", "excused")}


def begun(
    by, target_on, *, outcome_on=None, days=None, status=Status.COMPLETED, **fields
) -> WorkOrder:
    """Accepted work without parts with this target; with an outcome, completed."""
    row = make_accepted(by, parts_required=False, assigned_on=dt.date(2025, 12, 1), **fields)
    changes: dict[str, Any] = {"target_on": target_on}
    if outcome_on:
        late = (outcome_on > target_on) if days is None else days
        changes |= {
            "outcome_target_on": target_on,
            "outcome_on": outcome_on,
            "outcome_days_late": int(late),
        }
        changes |= {"status": status, "completed_at": dt.datetime(2026, 3, 1, tzinfo=dt.UTC)}
    WorkOrder.objects.filter(pk=row.pk).update(**changes)
    return fresh(row)


def test_each_reason_has_a_cause():
    assert set(CAUSE_OF_REASON) == set(DelayReason)


def test_a_work_order_counts_in_the_month_of_its_target_at_the_site(dana, client_of, clock):
    tokyo = make_site("Shibuya", "Midori", country="JP", time_zone="Asia/Tokyo")
    begun(dana, dt.date(2026, 1, 31), outcome_on=dt.date(2026, 2, 3))
    begun(dana, dt.date(2026, 2, 1), outcome_on=dt.date(2026, 1, 30))
    begun(dana, dt.date(2026, 2, 28), site=tokyo)  # open, without an appointment
    browser = client_of(dana)
    clock.move_to(dt.datetime(2026, 2, 28, 14, 59, tzinfo=dt.UTC))  # 23:59 in Tokyo
    assert score_of(browser, "first=2026-02&last=2026-02") == {
        "in_time": 1,
        "missed": 0,
        "excused": 0,
    }
    clock.move_to(dt.datetime(2026, 2, 28, 15, tzinfo=dt.UTC))
    assert score_of(browser, "first=2026-02&last=2026-02") == {
        "in_time": 1,
        "missed": 1,
        "excused": 0,
    }
    assert score_of(browser, "first=2026-01&last=2026-01") == {
        "in_time": 0,
        "missed": 1,
        "excused": 0,
    }
    assert browser.get(URL).context["query"].last == dt.date(
        2026, 3, 1
    )  # where it is March already


def test_what_counts_and_what_does_not(dana, staff, client_of, clock):
    on = dt.date(2026, 2, 26)
    declined = make_work_order(parts_required=False, assigned_on=dt.date(2026, 3, 2))
    could_not_complete(
        declined, reason=CouldNotCompleteReason.NO_CAPACITY, note="Nobody is free", by=dana
    )
    in_time = begun(dana, dt.date(2026, 3, 2))
    could_not_complete(in_time, reason=CouldNotCompleteReason.INACCESSIBLE, note="Locked", by=dana)
    cancel(begun(dana, on), comment="The fault cleared.", by=staff)
    booked = begun(dana, dt.date(2026, 3, 3))
    book_appointment(
        booked,
        Booking(dt.datetime(2026, 3, 3, 18, tzinfo=dt.UTC), "Robin", "+1 415 555 0111"),
        by=dana,
    )
    begun(dana, dt.date(2026, 3, 2))  # its last day is today
    begun(dana, None)
    browser = client_of(dana)
    assert "Nothing to score" in html_of(browser.get(URL))
    begun(dana, on)
    begun(dana, on, outcome_on=on, status=Status.IN_PROGRESS)  # sent back
    begun(dana, on, outcome_on=dt.date(2026, 3, 2), status=Status.CLOSED)
    make_work_order(
        parts_required=False, assigned_on=dt.date(2026, 2, 2)
    )  # nobody has accepted it, or booked
    assert score_of(browser) == {"in_time": 1, "missed": 3, "excused": 0}


def test_an_excuse_is_the_last_verdict_on_the_last_reason(dana, staff, client_of, clock):
    row = begun(dana, dt.date(2026, 3, 3))

    def book(day, reason):
        at = dt.datetime(2026, 3, day, 18, tzinfo=dt.UTC)
        yes = {"reason": reason, "confirmed_target": dt.date(2026, 3, 3)}
        book_appointment(fresh(row), Booking(at, "Robin", "+1 415 555 0111", **yes), by=dana)
        return row.missed_sla_reasons.latest("pk")

    first = book(9, DelayReason.WEATHER)
    clock.move_to(dt.datetime(2026, 3, 5, 17, tzinfo=dt.UTC))
    browser = client_of(dana)
    review_reason(first, kind=VerdictKind.MORE, note="Which storm?", by=staff)
    assert score_of(browser)["excused"] == 0
    review_reason(first, kind=VerdictKind.EXCUSED, by=staff)
    assert score_of(browser) == {"in_time": 0, "missed": 1, "excused": 1}
    review_reason(
        book(10, DelayReason.TECHNICIAN), kind=VerdictKind.NOT_EXCUSED, note="Plan ahead", by=staff
    )
    assert score_of(browser) == {"in_time": 0, "missed": 1, "excused": 0}
    (ranked,) = browser.get(URL).context["reasons"]
    assert (ranked.name, ranked.missed, ranked.excused) == ("Technician Availability", 1, 0)
    text = html_of(browser.get(ranked.url))
    assert "None of your technicians is free by the target date." in text
    assert "Not excused" in text


def test_under_twenty_work_orders_there_are_counts_and_no_shares(dana, client_of, clock):
    for day in (*range(1, 19), 19):
        begun(dana, dt.date(2026, 2, day), outcome_on=dt.date(2026, 2, 10))
    browser = client_of(dana)
    page = browser.get(URL)
    assert (page.context["total"].score.share_text, page.context["chart"].bars[0].segments) == (
        "10 of 19",
        [],
    )
    assert "%" not in html_of(page).split("<main", 1)[1].replace("100%", "")
    begun(dana, dt.date(2026, 2, 20), outcome_on=dt.date(2026, 2, 10))
    whole = browser.get(URL).context["total"].score
    assert (whole.share_text, whole.share_without_excused_text, whole.median_text) == (
        "55.0\N{NO-BREAK SPACE}%",
    ) * 2 + ("1",)


def test_nobody_reads_what_is_not_his(dana, omar, tess, staff, client_of, clock):
    begun(dana, dt.date(2026, 2, 26), outcome_on=dt.date(2026, 2, 26), number="WO-1")
    begun(
        omar,
        dt.date(2026, 2, 26),
        number="WO-66",
        site=make_site("Hidden Garage", "Secret Account"),
    )
    for address in (URL, LIST, CSV):
        assert client_of(tess).get(address).status_code == 403
    forged = {"partner": "Amped Field Services", "by": "partner", "figure": "counted"}
    for address in (URL, LIST):
        text = html_of(client_of(dana).get(address, forged))
        for word in ("Amped", "WO-66", "Hidden Garage", "Secret Account"):
            assert word not in text
    assert score_of(client_of(dana), "partner=Amped+Field+Services") == {
        "in_time": 1,
        "missed": 0,
        "excused": 0,
    }
    assert [
        row["Work Order Number"] for row in csv_of(client_of(dana), "partner=Amped+Field+Services")
    ] == ["WO-1"]
    assert [
        row["Work Order Number"] for row in csv_of(client_of(staff), "partner=Amped+Field+Services")
    ] == ["WO-66"]
    assert score_of(client_of(staff)) == {"in_time": 1, "missed": 1, "excused": 0}


@pytest.mark.parametrize("months", [1, 3])
def test_pages_ask_the_database_equally_often(
    staff, dana, client_of, clock, months, django_assert_num_queries
):
    for month in range(1, months + 1):
        begun(
            dana,
            dt.date(2026, month, 1),
            outcome_on=dt.date(2026, 2, 10),
            site=make_site(f"Site {month}"),
        )
    for person, rights in ((staff, 1), (dana, 0)):
        browser = client_of(person)
        with django_assert_num_queries(
            10 + rights
        ):  # session, user, names, months and territories, before, reasons, days; twice of declines
            assert len(browser.get(URL).context["months"]) == months
        # session, user, names, count, rows; count and rows of declines
        with django_assert_num_queries(7 + rights):
            assert len(browser.get(LIST).context["rows"]) == months


def test_names_are_escaped_on_the_page_and_harmless_in_the_file(dana, client_of, clock):
    nasty = make_entitlement("<b>&'\"=1+1")
    begun(
        dana,
        dt.date(2026, 2, 1),
        outcome_on=dt.date(2026, 2, 1),
        entitlement=nasty,
        subject="=HYPERLINK(1)",
    )
    browser = client_of(dana)
    page = browser.get(URL, {"by": "entitlement"})
    assert "<b>&'" not in html_of(page)
    assert browser.get(page.context["breakdown"][0].urls["counted"]).context["count"] == 1
    assert browser.get(URL, {"entitlement": nasty.name}).context["total"].score.counted == 1
    assert csv_of(browser, "")[0]["Subject"] == "'=HYPERLINK(1)"


@pytest.mark.parametrize(
    "query", ["first=2026-13", "last=x", "by=partner", "territory=Mars", "work_type=\0", "after=~"]
)
def test_a_value_that_does_not_exist_is_left_out(dana, client_of, clock, query):
    begun(dana, dt.date(2026, 2, 1), outcome_on=dt.date(2026, 2, 1))
    browser = client_of(dana)
    assert score_of(browser, query) == {"in_time": 1, "missed": 0, "excused": 0}
    assert browser.get(f"{LIST}?{query}&figure=nonsense").context["count"] == 1


def test_the_months_stand_in_any_order(dana, client_of, clock):
    begun(dana, dt.date(2026, 1, 31), outcome_on=dt.date(2026, 1, 1))
    assert score_of(client_of(dana), "first=2026-02&last=2026-01")["in_time"] == 1


def test_bar_and_admin_lead_to_the_scorecard(dana, tess, staff, client_of):
    link = f'href="{URL}"'
    assert link in html_of(client_of(dana).get("/work-orders/"))
    assert link not in html_of(client_of(tess).get("/work-orders/"))
    assert link in html_of(client_of(staff).get("/admin/"))


def test_the_share_is_compared_with_that_of_as_many_months_before(dana, client_of, clock):
    for n in range(20):
        begun(dana, dt.date(2026, 1, 10), outcome_on=dt.date(2026, 1, 9 + n // 10 * 2))
    begun(dana, dt.date(2026, 2, 1), outcome_on=dt.date(2026, 2, 1))
    browser = client_of(dana)
    page = browser.get(URL, {"first": "2026-02", "last": "2026-02"})
    assert mismatches(html_of(page), "50.0 %</a> in the 1 month before") == []
    before = browser.get(page.context["before"].url)
    assert before.context["total"].score.share_text == "50.0\N{NO-BREAK SPACE}%"
    assert before.context["before"] is None  # fewer than 20
    assert browser.get(URL, {"first": "2024-12"}).context["before"] is None  # out of the choices


def test_what_is_nothing_is_a_dash_and_no_link(dana, client_of, clock):
    begun(dana, dt.date(2026, 2, 1), outcome_on=dt.date(2026, 2, 2), days=0)
    page = client_of(dana).get(URL)
    (month,) = page.context["months"]
    assert [cell.text for cell in month.cells] == [
        "0 of 1",
        "0 of 1",
        "1",
        "",
        "1",
        "",
        "",
        "under 1",
    ]
    assert month.urls["in_time"] not in html_of(page)
    assert page.context["total"].score.median == 0


def test_a_change_of_a_filter_answers_with_the_card_alone(dana, client_of, clock):
    begun(dana, dt.date(2026, 2, 1), outcome_on=dt.date(2026, 2, 1))
    answer = client_of(dana).get(URL, {"by": "work_type"}, headers={"HX-Request": "true"})
    assert mismatches(answer, "By Work Type", "1 counted", without=["<html", "<main"]) == []
    assert answer["HX-Push-Url"].startswith(f"{URL}?")
    assert "by=work_type" in answer["HX-Push-Url"]
    assert "HX-Request" in answer["Vary"]
