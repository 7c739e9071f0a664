"""History: narrowed to what it is about, and as a CSV file that says the same."""

import csv
import datetime as dt
import io

import pytest

from tests.factories import fresh, ship
from workorders.dates import day_text
from workorders.models.ledger import Event
from workorders.services import Booking, book_appointment, comment, hold, resume
from workorders.states import DelayReason

KINDS = ["status", "dates", "parts", "words"]


@pytest.fixture
def lived(work_order, dana, staff):
    comment(work_order, body="Which gate?", by=dana)
    hold(fresh(work_order), reason="=HYPERLINK(1)", stops_clock=True, by=staff)
    return fresh(work_order)


def titles(browser, work_order, query: str) -> list[str]:
    page = browser.get(f"/work-orders/{work_order.number}/history/{query}")
    return [line.title for _, lines in page.context["days"] for line in lines]


def test_every_entry_is_about_something(lived, dana, client_of):
    browser = client_of(dana)
    everything = titles(browser, lived, "")
    kinds = [set(titles(browser, lived, f"?about={kind}")) for kind in KINDS]
    assert set.union(*kinds) == set(everything)
    assert titles(browser, lived, "?about=nonsense") == everything


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        ("status", Event.ACCEPTED),
        ("dates", Event.HELD),
        ("parts", Event.STATUS_FOLLOWED),
        ("words", Event.COMMENTED),
    ],
)
def test_history_is_narrowed(lived, dana, client_of, kind, event):
    found = titles(client_of(dana), lived, f"?about={kind}")
    assert event.label in found
    assert len(found) < lived.ledger.count()


def test_csv_holds_what_the_page_says_in_the_order_in_which_it_happened(lived, dana, client_of):
    answer = client_of(dana).get(f"/work-orders/{lived.number}/history.csv")
    assert (
        answer.headers["Content-Disposition"]
        == f'attachment; filename="{lived.number}-history.csv"'
    )
    rows = list(csv.DictReader(io.StringIO(answer.content.decode().removeprefix("\ufeff"))))
    assert len(rows) == lived.ledger.count()
    assert (rows[0]["what"], rows[0]["when"]) == ("Work order entered", "2026-03-02T09:00-08:00")
    held = next(row for row in rows if row["what"] == "Put on hold")
    assert (held["who"], held["note"]) == ("ChargePoint staff", "'=HYPERLINK(1)")
    assert "Status: Shipped → On Hold" in held["changes"]


def rows_of(browser, work_order, query: str = "") -> list[dict[str, str]]:
    answer = browser.get(f"/work-orders/{work_order.number}/history.csv{query}")
    return list(csv.DictReader(io.StringIO(answer.content.decode().removeprefix("\ufeff"))))


def test_csv_tells_appointment_and_verdict_and_what_has_no_value(lived, dana, client_of):
    at = dt.datetime(2026, 3, 10, 17, tzinfo=dt.UTC)
    booking = Booking(at, "Tess", "+1 415 555 0188", reason=DelayReason.WEATHER, note="Storm")
    ship(lived, estimated_delivery_on=dt.date(2026, 3, 4))
    resume(fresh(lived), by=None)
    row = fresh(lived)
    book_appointment(row, booking._replace(confirmed_target=row.target_on), by=dana)
    rows = {row["what"]: row["changes"] for row in rows_of(client_of(dana), lived)}
    target = day_text(fresh(lived).target_on)
    said = f"Tue, Mar 10, 10:00 AM PDT, Tess · missed the Target SLA of {target} · “Storm”"
    assert rows["Appointment booked"] == said
    assert rows["Accepted"].startswith("Ship-to changed; Status: Assigned → ")
    assert [changes for changes in rows.values() if ":  →" in changes] == []


def test_csv_is_narrowed_as_the_page_is(lived, dana, client_of):
    browser = client_of(dana)
    assert (
        f"/work-orders/{lived.number}/history.csv?about=words"
        in browser.get(f"/work-orders/{lived.number}/history/?about=words").content.decode()
    )
    found = [row["what"] for row in rows_of(browser, lived, "?about=words")]
    assert found == titles(browser, lived, "?about=words") == ["Comment"]


def test_csv_of_another_partner_is_not_there(lived, omar, client_of):
    assert client_of(omar).get(f"/work-orders/{lived.number}/history.csv").status_code == 404
