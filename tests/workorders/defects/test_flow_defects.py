"""What went wrong in other systems with transitions: the tests of tests/defects.csv
that belong to no other module.
"""

import ast
import datetime as dt
import html
import re

import pytest
from django.forms import Form
from django.urls import reverse

from tests import ROOT
from tests.factories import (
    SHIP_TO,
    book_on,
    fresh,
    make_accepted,
    make_entitlement,
    make_site,
    make_work_order,
    ready_to_complete,
)
from tests.pages import html_of
from tests.threads import at_once
from tests.workorders.views.list_page import HTMX
from workorders import forms, services
from workorders.models.ledger import Event
from workorders.services.calendars.entitlements import save_entitlement
from workorders.states import Status

MONDAY, TUESDAY = dt.date(2026, 3, 2), dt.date(2026, 3, 3)
clocked = pytest.mark.usefixtures("clock")


def test_accepted_at_once_it_is_accepted_once_and_told_once(
    real_transactions, dana, tess, client_of
):
    work_order = make_work_order(partner=dana.partner)
    typed = SHIP_TO._asdict() | {"version": work_order.version}
    url, browsers = reverse("accept", args=[work_order.number]), [client_of(dana) for _ in range(4)]
    answers = at_once(*[lambda one=one: one.post(url, typed).status_code for one in browsers])
    assert sorted(answers) == [302, 409, 409, 409]
    assert work_order.ledger.filter(event=Event.ACCEPTED).count() == 1
    assert (fresh(work_order).version, fresh(work_order).status) == (
        work_order.version + 1,
        Status.SHIP_TO_RECEIVED,
    )


@pytest.mark.once
def test_nothing_happens_by_saving_a_row():
    """No signals, no `save` or `delete` of a model's own: what a write leads to is listed where it
    is written. A field may compute its own value, as Django's do.
    """
    code = [
        path.read_text()
        for room in ("portal", "workorders")
        for path in (ROOT / room).rglob("*.py")
    ]
    classes = [
        node
        for text in code
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef)
    ]
    models = [
        each
        for each in classes
        if {"models.Model", "AbstractBaseUser"} & set(map(ast.unparse, each.bases))
    ]
    own = [
        each.name
        for each in models
        for part in each.body
        if getattr(part, "name", "") in ("save", "delete")
    ]
    assert len(models) > 20
    assert own == []
    assert (
        re.findall(
            r"@receiver|m2m_changed|(?<!def )(?:pre|post)_(?:save|delete|init)\b", "".join(code)
        )
        == []
    )


def parameters() -> set[str]:
    """Every name that a form or a view reads, and some that others have trusted."""
    code = "".join(path.read_text() for path in (ROOT / "workorders").rglob("*.py"))
    read = re.findall(r'(?:GET|POST)(?:\.get\(|\.getlist\(|\[)"(\w+)"', code)
    fields = [name for kind in every(Form) for name in kind.base_fields]
    return {
        *read,
        *fields,
        "is_button",
        "force",
        "override",
        "skip_checks",
        "confirm",
        "status",
        "visited_on",
        "role",
    }


def every(kind: type) -> list[type]:
    return [kind, *(below for each in kind.__subclasses__() for below in every(each))]


@pytest.mark.once
@clocked
def test_no_parameter_lifts_a_guard(dana, tess, client_of):
    assert forms.__name__ == "workorders.forms"
    row = make_accepted(dana, parts_required=False, line_items=("Lock out",))
    book_on(row, tess)
    meant = {"version", "began_at", "reason"}  # what is wrong in them is said first
    version, names = fresh(row).version, sorted(parameters() - meant)
    assert len(names) > 40
    for value in ("1", "yes", "completed"):
        sent = dict.fromkeys(names, value) | {"version": version}
        for person, status in ((dana, 409), (tess, 403)):
            url = reverse("complete", args=[row.number], query=sent)
            assert client_of(person).post(url, sent).status_code == status
        assert (
            client_of(dana)
            .post(reverse("accept", args=[row.number]), SHIP_TO._asdict() | sent)
            .status_code
            == 409
        )
    assert (fresh(row).status, fresh(row).version) == (Status.IN_PROGRESS, version)


@clocked
def test_zero_is_a_value(dana, staff):
    """No business day at all, a carrier that delivers on the same day, a Monday off,
    nothing late.
    """
    at_once_due = make_accepted(
        dana, parts_required=False, entitlement=make_entitlement("Same day", 0)
    )
    assert at_once_due.target_on == MONDAY
    services.complete(ready_to_complete(at_once_due, by=dana), by=dana)
    assert fresh(at_once_due).outcome_days_late == 0
    level = make_entitlement("Later", 1)
    level.business_days = 0
    save_entitlement(level, by=staff)
    assert make_accepted(dana, parts_required=False, entitlement=level).target_on == MONDAY


@pytest.mark.parametrize(
    ("at", "warned"),
    [
        ("12:00", False),
        ("12:01", True),
        ("13:30", True),
        ("14:00", True),
        ("15:59", True),
        ("16:00", False),
    ],
)
def test_double_booking_is_seen_at_both_ends(work_order, dana, tess, client_of, at, warned):
    """Another site's visit is at 14:00, and one takes two hours."""
    book_on(
        make_accepted(dana, parts_required=False, site=make_site("Depot Nine"), number="WO-9"), tess
    )
    typed = {
        "technician": str(tess.pk),
        "technician_name": "Tess",
        "appointment_at": f"2026-03-03T{at}",
    }
    answer = client_of(dana).get(
        reverse("technician", args=[work_order.number]), typed, headers=HTMX
    )
    assert (
        "Tess is already booked at Depot Nine around that time: WO-9"
        in html.unescape(html_of(answer))
    ) == warned


@pytest.mark.parametrize(("hour", "days_late"), [(23, 0), (24, 1)])
def test_work_done_on_the_target_date_is_in_time(dana, clock, hour, days_late):
    """Until midnight at the site; the target is Tuesday."""
    row = make_accepted(dana, parts_required=False)
    clock.move_to(
        dt.datetime(2026, 3, 3, tzinfo=row.site.zone) + dt.timedelta(hours=hour, minutes=59)
    )
    done = services.complete(ready_to_complete(row, by=dana), by=dana)
    assert (done.outcome_target_on, done.outcome_days_late) == (TUESDAY, days_late)


@clocked
def test_late_work_on_hold_is_both_late_and_on_hold(dana, staff, client_of):
    row = make_accepted(dana, parts_required=False, assigned_on=dt.date(2026, 2, 23))
    services.hold(row, reason="No access", stops_clock=False, by=staff)
    assert {status.value for status in Status if re.search("late|overdue|missed", status)} == set()
    for query in ("sla=missed", "status=on-hold", "status=on-hold&sla=missed"):
        assert row.number in html_of(client_of(dana).get(f"/work-orders/?{query}"))
