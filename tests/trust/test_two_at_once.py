"""Two people take the same action at the same moment, at a real server: one of them has done it,
the other reads why not; the ledger is as if they had come one after the other.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection

from portal.people.models import User
from portal.people.roles import Role
from tests import ROOT
from tests.factories import fresh, make_admin, make_dana, make_partner, make_tess, make_user
from tests.processes import database_url
from tests.trust.portal import RunningPortal, cookies_of
from tests.workorders.any_state import NINE
from tests.workorders.every_action import ACTIONS
from tests.workorders.status_matrix import work_order_in
from tests.workorders.test_every_action import of_partner, of_staff
from tests.workorders.test_sent_at_once import column_of
from workorders.models import LedgerEntry, Shipment, WorkOrder

pytestmark = [pytest.mark.slow, pytest.mark.live, pytest.mark.no_waits]

ALWAYS = ["accept", "complete", "cancel", "comment", "reassign", "take-back-visit"]
AT_ONCE = 4  # of each of two people
DONE, STALE, WRONG, QUESTION = 302, 409, 422, 200


@pytest.fixture
def portal(real_transactions, tmp_path):
    env = {"DATABASE_URL": database_url(), "CACHE_URL": "locmemcache://"}
    env |= {"QUEUE_URL": f"sqlite:///{tmp_path}/queue.sqlite3", "MEDIA_ROOT": settings.MEDIA_ROOT}
    env |= {"PYTHONPATH": str(ROOT / "tests" / "trust" / "monday")}
    with time_machine.travel(NINE, tick=True):
        running = RunningPortal(env)
        yield running
    running.kill()


def sides() -> list[Any]:
    found = [(name, "page") for name, action in ACTIONS.items() if action.page]
    found += [(name, "step") for name, action in ACTIONS.items() if action.staff_page]
    return found


def is_legal(row: WorkOrder, before: WorkOrder) -> bool:
    """Every version has its entries, none is left out, and the last status is the row's."""
    after = fresh(row)
    entries = LedgerEntry.objects.filter(work_order=row, version__gt=before.version).order_by("pk")
    versions = [entry.version for entry in entries]
    moved = [e.changes["status"][1] for e in entries if not e.shipment_id and "status" in e.changes]
    in_order = versions == sorted(versions) and {*versions} == {
        *range(before.version + 1, after.version + 1)
    }
    return in_order and (not moved or moved[-1] == after.status)


def taken_at_once(
    portal: RunningPortal, name: str, side: str, people: dict[str, User]
) -> tuple[list[int], bool]:
    """The answers to two people, and whether the ledger is legal after that."""
    WorkOrder.objects.filter(number="WO-1").update(number=f"WO-{name}-{side}"[:20])
    for shipment in Shipment.objects.exclude(number__startswith="X-"):
        Shipment.objects.filter(pk=shipment.pk).update(number=f"X-{shipment.pk}")
    action = ACTIONS[name]
    pair = [people["dana"], people["mia"]] if side == "page" else [people["staff"], people["sam"]]
    row = work_order_in(column_of(name), people["dana"], people["tess"], people["staff"])
    action.first(row, pair[0])
    row = fresh(row)
    path = of_partner(row, action) if side == "page" else of_staff(row, action)
    data = {"version": row.version} | action.data(row)
    headers = [cookies_of(person) for person in pair]

    def send(which: int) -> int:
        return portal.post(path, data, **headers[which % 2]).status

    with ThreadPoolExecutor(2 * AT_ONCE) as pool:
        answers = sorted(pool.map(send, range(2 * AT_ONCE)))
    return answers, is_legal(row, row)


@pytest.mark.parametrize("in_full", [False, pytest.param(True, marks=pytest.mark.nightly)])
def test_one_of_two_people_has_done_it_and_the_other_reads_why_not(portal, in_full, figure):
    people = {
        "dana": make_dana(),
        "mia": make_user("mia@voltfix.example", Role.MANAGER, partner=make_dana().partner),
        "tess": make_tess(),
        "staff": make_admin(),
        "sam": make_user("sam@chargepoint.example", Role.STAFF, is_superuser=True),
    }
    make_partner("Third")
    wrong, count = [], 0
    for name, side in sides():
        if not (in_full or name in ALWAYS):
            continue
        if name == "add-file":  # tests/portal/test_uploads_at_the_server.py sends files
            continue
        answers, legal = taken_at_once(portal, name, side, people)
        count += 1
        if DONE not in answers or set(answers) - {DONE, STALE, WRONG, QUESTION, 403, 404}:
            wrong.append(f"{name} {side}: {answers}")
        if not legal:
            wrong.append(f"{name} {side}: the ledger has a gap")
    figure(f"{len(wrong)} deviations of {count} actions by two people on {connection.vendor}")
    assert not wrong, "\n".join(wrong)
