""" "Nobody there" counts as the first visit, and says so beside the outcome."""

import csv
import datetime as dt
from importlib import import_module
from io import StringIO
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from tests.factories import fresh, ready_to_complete
from tests.pages import html_of, url
from tests.workorders.scorecard.scores import LIST, URL
from tests.workorders.services.visits.in_progress import at, in_progress
from workorders import services
from workorders.models import Outcome, WorkOrder
from workorders.states import VisitOutcome
from workorders.targets.due import due_of

DONE, NOBODY = VisitOutcome.DONE, VisitOutcome.NOBODY


@pytest.fixture
def work_order(clock, dana) -> WorkOrder:
    """Target SLA Thu, Mar 5."""
    return in_progress(dana)


def visit(row, clock, dana, day: int, outcome: VisitOutcome) -> WorkOrder:
    clock.move_to(at(day))
    services.start_visit(row, by=dana)
    services.end_visit(row, outcome=outcome, by=dana)
    return fresh(row)


def completed(row, clock, dana, first: int) -> WorkOrder:
    visit(row, clock, dana, first, NOBODY)
    visit(row, clock, dana, 10, DONE)
    return services.complete(ready_to_complete(row, by=dana), by=dana)


@pytest.mark.parametrize(
    ("day", "meanwhile", "afterwards"),
    [
        (4, "visited in time, nobody there", "met, nobody there"),
        (6, "visited 1 business day late, nobody there", "missed by 1 business day, nobody there"),
    ],
)
def test_it_is_judged_and_said(work_order, dana, clock, client_of, day, meanwhile, afterwards):
    assert due_of(visit(work_order, clock, dana, day, NOBODY)).text == meanwhile
    done = completed(work_order, clock, dana, day)
    assert (done.outcome_on, due_of(done).text) == (dt.date(2026, 3, day), afterwards)
    browser = client_of(dana)
    for page in ("work-order", "receipt"):
        assert afterwards in html_of(browser.get(url(page, done.number)))
    out = StringIO()
    call_command("export_work_orders", stdout=out)
    (row,) = csv.DictReader(StringIO(out.getvalue()[1:]))
    assert row["nobody_there"] == "yes"


def test_a_later_visit_at_which_nobody_was_there_is_not_said(work_order, dana, clock):
    visit(work_order, clock, dana, 4, VisitOutcome.RETURN)
    assert due_of(visit(work_order, clock, dana, 6, NOBODY)).text == "visited in time"


@pytest.mark.every_database
def test_the_scorecard_tells_how_many_and_lists_them(work_order, dana, clock, client_of):
    done = completed(work_order, clock, dana, 4)
    services.complete(ready_to_complete(in_progress(dana), by=dana), by=dana)
    browser = client_of(dana)
    total = browser.get(URL).context["total"]
    assert (total.score.counted, total.score.nobody) == (2, 1)
    rows = browser.get(LIST, {"figure": "nobody"}).context["rows"]
    assert [row.work_order.number for row in rows] == [done.number]


def test_each_cycle_says_it_of_its_own(work_order, dana, staff, clock):
    completed(work_order, clock, dana, 4)
    target = {"next_target_on": dt.date(2026, 3, 12), "next_target_reason": "Promised"}
    back = services.send_back(fresh(work_order), note="It is loose", **target, by=staff)
    assert (back.nobody_there, back.outcome_nobody_there) == (False, True)
    visit(work_order, clock, dana, 11, NOBODY)
    done = services.complete(ready_to_complete(work_order, by=dana), by=dana)
    assert done.outcomes.get().in_words == "met, nobody there"


def test_an_upgrade_finds_what_was_so_before(work_order, dana, staff, clock):
    completed(work_order, clock, dana, 4)
    other = visit(in_progress(dana), clock, dana, 11, NOBODY)
    WorkOrder.objects.update(nobody_there=False, outcome_nobody_there=False)
    migration = import_module("workorders.migrations.0036_fill_nobody_there")
    migration.fill(apps, SimpleNamespace(connection=SimpleNamespace(alias=connection.alias)))
    row, other = fresh(work_order), fresh(other)
    assert (row.nobody_there, row.outcome_nobody_there) == (True, True)
    assert (other.nobody_there, other.outcome_nobody_there) == (True, False)
    assert Outcome.objects.count() == 0
