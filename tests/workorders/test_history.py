"""History: narrowed to what it is about, and as a CSV file that says the same."""

import csv
import io

import pytest

from tests.factories import fresh
from workorders.models.ledger import Event
from workorders.services import comment, hold

KINDS = ["status", "dates", "parts", "words"]


@pytest.fixture
def lived(work_order, dana, staff):
    comment(work_order, body="Which gate?", by=dana)
    hold(fresh(work_order), reason="=HYPERLINK(1)", stops_clock=True, by=staff)
    return fresh(work_order)


def titles(browser, work_order, query: str) -> list[str]:
    return [line.title for line in browser.get(f"/work-orders/{work_order.number}/history/{query}").context["history"]]


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
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{lived.number}-history.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode().removeprefix("\ufeff"))))
    assert len(rows) == lived.ledger.count()
    assert (rows[0]["what"], rows[0]["when"]) == ("Work order entered", "2026-03-02T09:00-08:00")
    held = next(row for row in rows if row["what"] == "Put on hold")
    assert (held["who"], held["note"]) == ("ChargePoint staff", "'=HYPERLINK(1)")
    assert "Status: Shipped → On Hold" in held["changes"]


def test_csv_of_another_partner_is_not_there(lived, omar, client_of):
    assert client_of(omar).get(f"/work-orders/{lived.number}/history.csv").status_code == 404
