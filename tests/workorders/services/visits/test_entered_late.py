"""A visit entered afterwards says on what day; more than two business days later staff look at it.

Monday, March 2nd; In Progress, Target SLA Thu, Mar 5.
"""

import csv
import datetime as dt
from importlib import import_module
from io import StringIO
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from tests.factories import fresh
from tests.pages import html_of, url
from tests.workorders.services.visits.in_progress import at, in_progress
from workorders import services
from workorders.models import Visit, WorkOrder
from workorders.models.spans import any_at
from workorders.models.todos import TODOS
from workorders.services import DomainError, InvalidState
from workorders.states import VisitOutcome

DONE = VisitOutcome.DONE


@pytest.fixture
def work_order(clock, dana) -> WorkOrder:
    return in_progress(dana)


def march(day: int) -> dt.date:
    return dt.date(2026, 3, day)


def enter(row: WorkOrder, dana, clock, *, made: int, on: int) -> Visit:
    clock.move_to(at(on))
    return services.enter_visit(fresh(row), began_at=at(made), outcome=DONE, by=dana)


def waits(row: WorkOrder, staff) -> bool:
    condition = any_at(TODOS["late-visits"].rule.spans, at(9))
    return WorkOrder.objects.filter(condition, pk=row.pk).exists()


@pytest.mark.parametrize(
    ("made", "on", "is_late"), [(2, 4, False), (2, 5, True), (5, 9, False), (5, 10, True)]
)
def test_more_than_two_business_days_later_staff_look_at_it(
    work_order, dana, staff, clock, made, on, is_late
):
    visit = enter(work_order, dana, clock, made=made, on=on)
    assert (visit.entered_on, visit.entered_late) == (march(on), is_late)
    assert waits(work_order, staff) == is_late


def test_a_tap_is_not_entered_and_its_correction_is(work_order, dana, staff, clock):
    clock.move_to(at(9))
    visit = services.start_visit(work_order, by=dana)
    assert (visit.entered_on, visit.entered_late) == (None, False)
    services.correct_visit(work_order, visit.pk, began_at=at(3), by=dana)
    visit.refresh_from_db()
    assert (visit.entered_on, visit.entered_late) == (march(9), True)
    services.correct_visit(work_order, visit.pk, began_at=at(6), by=dana)
    assert not waits(work_order, staff)


def test_the_answer_of_completed_is_entered_on_its_day(work_order, dana, staff, clock):
    clock.move_to(at(10))
    services.complete(work_order, began_at=at(3), by=dana)
    assert work_order.visits.get().entered_on == march(10)
    assert waits(work_order, staff)


def test_pages_and_files_say_the_day(work_order, dana, staff, clock, client_of):
    enter(work_order, dana, clock, made=2, on=5)
    said = 'entered <time datetime="2026-03-05">Thu, Mar 5</time>'
    for page in ("work-order", "receipt"):
        assert said in html_of(client_of(dana).get(url(page, work_order.number)))
    admin = reverse("admin:workorders_workorder_change", args=[work_order.pk])
    assert f"{said}: late, to be checked" in html_of(client_of(staff).get(admin))
    out = StringIO()
    call_command("export_work_orders", stdout=out)
    (row,) = csv.DictReader(StringIO(out.getvalue()[1:]))
    assert (row["first_visit_on"], row["first_visit_entered_on"]) == ("2026-03-02", "2026-03-05")


def test_staff_mark_it_as_seen(work_order, dana, staff, clock, client_of):
    visit = enter(work_order, dana, clock, made=2, on=5)
    services.check_late_visit(work_order, visit=visit.pk, began_at=at(2), by=staff)
    visit.refresh_from_db()
    assert (visit.seen_by, visit.began_at, waits(work_order, staff)) == (staff, at(2), False)
    assert work_order.ledger.last().note == "Mon, Mar 2, 9:00 AM PST: seen"
    history = html_of(client_of(dana).get(url("history", work_order.number)))
    assert "entered late checked" not in history
    with pytest.raises(InvalidState, match="No visit"):
        services.check_late_visit(work_order, visit=visit.pk, began_at=at(2), by=staff)


def test_staff_correct_it_while_the_work_is_in_progress(work_order, dana, staff, clock):
    visit = enter(work_order, dana, clock, made=2, on=9)
    services.check_late_visit(work_order, visit=visit.pk, began_at=at(6), by=staff)
    row = fresh(work_order)
    assert (row.visited_on, waits(row, staff)) == (march(6), False)
    other = in_progress(dana)
    visit = enter(other, dana, clock, made=9, on=13)
    services.complete(fresh(other), by=dana)
    with pytest.raises(DomainError, match="not in progress"):
        services.check_late_visit(other, visit=visit.pk, began_at=at(10), by=staff)


def test_the_page_of_staff_does_both(work_order, dana, staff, clock, client_of):
    visit = enter(work_order, dana, clock, made=2, on=5)
    browser = client_of(staff)
    address = reverse("admin:workorders_workorder_check-visit", args=[work_order.pk])
    page = html_of(browser.get(address))
    assert 'name="began_at" value="2026-03-02T09:00"' in page
    listed = f"{reverse('admin:workorders_workorder_changelist')}?todo=late-visits"
    assert work_order.number in html_of(browser.get(listed))
    form = {"version": fresh(work_order).version, "visit": visit.pk, "began_at": "2026-03-04T09:00"}
    assert browser.post(address, form).status_code == 302
    assert (fresh(work_order).visited_on, waits(work_order, staff)) == (march(4), False)
    assert browser.get(address).status_code == 302  # nothing waits any more


@pytest.mark.no_waits
def test_an_upgrade_fills_the_day_and_asks_nobody(work_order, dana, staff, clock):
    visit = enter(work_order, dana, clock, made=2, on=5)
    Visit.objects.update(entered_on=None, entered_late=False)
    migration = import_module("workorders.migrations.0040_fill_days_of_entering")
    migration.fill(apps, SimpleNamespace(connection=SimpleNamespace(alias=connection.alias)))
    visit.refresh_from_db()
    assert (visit.entered_on, visit.entered_late) == (march(5), False)
