"""Every action in every status by everyone: done as the table says, or refused with its sentence
and no trace.
"""

import html
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from portal.people.models import User
from portal.people.roles import Right, Role
from tests.factories import (
    fresh,
    make_admin,
    make_dana,
    make_omar,
    make_partner,
    make_rita,
    make_tess,
    make_user,
    make_voltfix,
    with_rights,
)
from tests.pages import html_of
from tests.workorders.an_action import Action, nothing
from tests.workorders.every_action import ACTIONS
from tests.workorders.status_matrix import BOOKED, STATUSES, all_rows, rows, sentence, work_order_in
from workorders.models import LedgerEntry, WorkOrder
from workorders.scorecard.time_in_status import STATUS_EVENTS
from workorders.services import DomainError, NotAllowed

pytestmark = [pytest.mark.django_db, pytest.mark.once]

# In one of them each action is taken: here every database is asked, and in every run the pages.
WHERE_EACH_IS_TAKEN = ("Asg", "S2R", "InP", "In2", "Hld", "Cmp", "CNC")


@contextmanager
def taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module", params=STATUSES)
def column(request) -> str:
    return request.param


def columns(*, there: Any = (), elsewhere: Any = ()) -> pytest.MarkDecorator:
    """Every status, marked as one where each action is taken, or as another."""
    marked = [
        pytest.param(each, marks=there if each in WHERE_EACH_IS_TAKEN else elsewhere)
        for each in STATUSES
    ]
    return pytest.mark.parametrize("column", marked, indirect=True, scope="module")


@pytest.fixture(scope="module")
def people(shared_monday) -> dict[str, User]:
    """By the letters of the table. Others have none there: another partner's dispatcher, staff
    without any right, and staff who may look only.
    """
    make_partner("Third")  # for whom nobody works
    return {
        "d": make_dana(),
        "m": make_user("mia@voltfix.example", Role.MANAGER, partner=make_voltfix()),
        "t": make_tess(),
        "s": make_admin(),
        "o": make_omar(),
        "r": make_rita(),
        "l": with_rights(make_user("lou@chargepoint.example", Role.STAFF), Right.READ),
    }


@pytest.fixture(scope="module")
def row(column, people) -> Iterator[WorkOrder]:
    """Made once for all that is tried in this status."""
    with taken_back():
        yield work_order_in(column, *(people[letter] for letter in "dts"))


@contextmanager
def watched() -> Iterator[list[str]]:
    """What is written meanwhile, but for the sessions of browsers and the audit."""
    written: list[str] = []

    def watch(execute: Any, sql: str, *args: Any) -> Any:
        is_beside = "people_loginsession" in sql or "audit_auditentry" in sql
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and not is_beside:
            written.append(sql)
        return execute(sql, *args)

    with connection.execute_wrapper(watch):
        yield written


def expected(name: str, who: str, column: str, cell: str, letter: str, row: WorkOrder) -> str:
    """Where it leads, or the sentence of its refusal; "no" where they never may, "hidden" where
    they see nothing.
    """
    if letter == "a":
        return "login"
    if letter == "o" or (letter == "t" and column not in BOOKED):
        return "hidden"
    if "p" in who and column == "Cmp" and letter != "d":
        return "no"
    if letter not in who and not (letter == "t" and "v" in who and row.visited_on):
        return "no"
    if cell == "!":
        return sentence(name, column)
    if cell == "." or (cell == "s" and letter != "s"):
        return (
            f"“{ACTIONS[name].verb.label}” is not possible while the work order is"
            f" {STATUSES[column].label}."
        )
    return STATUSES[column if cell in "=s" else cell]


def prepared(row: WorkOrder, name: str, by: User) -> WorkOrder:
    first = ACTIONS[name].first
    first(row, by)
    return row if first is nothing else fresh(row)


def what_changed(row: WorkOrder, by: User) -> str:
    """The status that it has led to; every write is in the ledger by its version and its
    actor.
    """
    after = fresh(row)
    entries = LedgerEntry.objects.filter(work_order=row, version__gt=row.version).order_by("pk")
    versions = sorted({entry.version for entry in entries})
    if versions != list(range(row.version + 1, after.version + 1)) or not versions:
        return f"versions {versions} in the ledger, {after.version} on the row"
    moved = [e for e in entries if not e.shipment_id and "status" in e.changes]
    if moved and moved[-1].changes["status"][1] != after.status:
        return f"the ledger says {moved[-1].changes['status'][1]}"
    if unread := {entry.event for entry in moved} - STATUS_EVENTS:
        return f"the time in a status does not read {unread}"
    return after.status if by in {entry.actor for entry in entries} else "nobody did it"


def by_service(row: WorkOrder, name: str, by: User, *, look_further: bool) -> str:
    """What comes of it. A refusal writes nothing; one that looks `further` leaves nothing of what
    it has written.
    """
    before = all_rows() if look_further else []
    with watched() as written:
        try:
            ACTIONS[name].take(row, by)
        except NotAllowed:
            found = "no"
        except DomainError as error:
            found = error.message
        else:
            return what_changed(row, by)
    left = before != all_rows() if look_further else written
    return f"{found} But it wrote." if left else found


@columns(there=pytest.mark.every_database)
def test_by_its_service(row, column, people, full_size):
    """By dispatcher, technician and staff in every status, by everyone in two. Who never may is
    refused whatever the status: of them the other seven statuses are asked in `make test-all`.
    """
    before, wrong = all_rows(), []
    all_ask = full_size or column in WHERE_EACH_IS_TAKEN
    for name, who, cells in rows():
        by = people if column in ("Asg", "InP") else "dts"
        for letter in [each for each in by if all_ask or each in who]:
            with taken_back():
                now = prepared(row, name, people[letter if letter in "dmt" else "d"])
                found = by_service(now, name, people[letter], look_further=cells[column] == "!")
                wanted = expected(name, who, column, cells[column], letter, now).replace(
                    "hidden", "no"
                )
            if found != wanted:
                wrong.append(f"{name} by {letter}: {found} instead of {wanted}")
    assert wrong == []
    assert all_rows() == before


def test_each_action_is_taken_in_every_run():
    refused = {
        name for name, _, cells in rows() if all(cells[c] in ".!" for c in WHERE_EACH_IS_TAKEN)
    }
    assert refused == set()


# --- The pages
NOTHING_TO_CHOOSE = {  # what a form or an address says where there is nothing of the kind
    **dict.fromkeys(
        ("receive-parts", "report-part", "return-parts", "send-replacement", "settle-reports"),
        "422",
    ),
    **dict.fromkeys(("correct-visit", "take-back-visit"), "hidden"),
}


def by_page(
    browser: Client, row: WorkOrder, name: str, address: str, wanted: str, by: User | None
) -> str:
    """What comes of it, in the words of `expected`; a refusal shows the sentence that is wanted."""
    data = {"version": row.version} | ACTIONS[name].data(row)
    with watched() as written:
        answer = browser.post(address, data)
    if answer.status_code == 302 and not answer.url.startswith("/login/"):
        return what_changed(row, by) if by else "done"
    said = {302: "login", 403: "no", 404: "hidden"}.get(answer.status_code, str(answer.status_code))
    if answer.status_code == 409:
        said = wanted if wanted in html.unescape(html_of(answer)) else "409 without its sentence"
    return f"{said} But it wrote." if written else said


def pages_go_wrong(
    row: WorkOrder, column: str, people: Any, browsers: dict[str, Client], address_of: Any
) -> list[str]:
    before, wrong = all_rows(), []
    for name, who, cells in rows():
        for letter, browser in browsers.items():
            with taken_back():
                now = prepared(row, name, people[letter if letter in "dmt" else "d"])
                wanted = expected(name, who, column, cells[column], letter, now)
                address = address_of(now, ACTIONS[name])
                found = (
                    by_page(browser, now, name, address, wanted, people.get(letter))
                    if address
                    else wanted
                )
            if found not in (wanted, cells[column] in ".!" and NOTHING_TO_CHOOSE.get(name)):
                wrong.append(f"{name} by {letter}: {found} instead of {wanted}")
    return wrong + (["something was left behind"] if all_rows() != before else [])


def of_partner(row: WorkOrder, action: Action) -> str:
    return reverse(action.page, args=[row.number, *action.args(row)]) if action.page else ""


def of_staff(row: WorkOrder, action: Action) -> str:
    name = f"admin:workorders_workorder_{action.staff_page}"
    return reverse(name, args=[row.pk, *action.args(row)]) if action.staff_page else ""


@columns(elsewhere=pytest.mark.nightly)
def test_on_the_partners_page(row, column, people, client_of):
    """By a dispatcher in every status, by everyone in one."""
    browsers = {letter: client_of(person) for letter, person in people.items()} | {"a": Client()}
    asked = browsers if column == "InP" else {"d": browsers["d"]}
    assert pages_go_wrong(row, column, people, asked, of_partner) == []


@columns(elsewhere=pytest.mark.nightly)
def test_on_staffs_page(row, column, people, client_of):
    """By staff in every status, by those without the right in one."""
    asked = "srl" if column == "InP" else "s"
    browsers = {letter: client_of(people[letter]) for letter in asked}
    assert pages_go_wrong(row, column, people, browsers, of_staff) == []


# --- What the pages offer
BUTTONS = (
    "accept",
    "receive-parts",
    "start-visit",
    "end-visit",
    "complete",
    "take-back",
    "give-up",
    "request-assistance",
)
ON_CONDITION = (
    "send-replacement",
    "settle-reports",
    "correct-hold",
    "check-visit",
    "undo",
)  # nothing of the kind may be there


def offered(names: Iterable[str], row: WorkOrder, column: str, letter: str) -> set[str]:
    """What the table says that the page offers."""
    done = {
        name
        for name, who, cells in rows()
        if expected(name, who, column, cells[column], letter, row) in STATUSES.values()
    }
    return done & set(names)


def test_the_page_offers_what_is_possible(row, column, people, client_of):
    names = {ACTIONS[name].page: name for name in BUTTONS}
    at_site = row.visits.filter(ended_at=None).exists()
    for letter in "dmtsl":
        text = html_of(client_of(people[letter]).get(reverse("work-order", args=[row.number])))
        found = re.findall(
            rf'(?:action|href)="/work-orders/{row.number}/(?:visits/)?([^/"]+)/"', text
        )
        pages = {page.replace("start", "start-visit").replace("end", "end-visit") for page in found}
        wanted = offered(BUTTONS, row, column, letter) - {"start-visit" if at_site else "end-visit"}
        assert {names[page] for page in names.keys() & pages} == wanted


def test_the_admin_offers_what_is_possible(row, column, people, client_of):
    names = {
        action.staff_page: name
        for name, action in ACTIONS.items()
        if action.staff_page and name not in ON_CONDITION
    }
    address = reverse("admin:workorders_workorder_change", args=[row.pk])
    text = html_of(client_of(people["s"]).get(address))
    found = set(re.findall(rf'href="{address.removesuffix("change/")}([^/"]+)/"', text))
    assert {names[step] for step in names.keys() & found} == offered(
        names.values(), row, column, "s"
    )
