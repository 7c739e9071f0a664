"""What went wrong in other systems with permissions, attachments and lists: the tests of
tests/defects.csv that belong to no other module.
"""

import ast
import datetime as dt
import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.people.roles import Role
from tests import ROOT
from tests.factories import book_on, fresh, make_accepted, make_user, ready_to_complete, ship
from tests.pages import html_of
from tests.workorders.services.test_reviewing import book_late
from tests.workorders.uploads import add, address, in_storage, upload
from workorders import services
from workorders.models import Comment, File, WorkOrder
from workorders.services.waiting import keep_all_waits
from workorders.states import VerdictKind

pytestmark = pytest.mark.once

# --- Permissions
FREE = {
    "dana": "dana mia tess lee",
    "mia": "dana mia tess lee",
    "tess": "tess",
    "staff": "dana mia tess lee staff",
}


@pytest.mark.parametrize(
    "status",
    ["in-progress", pytest.param("completed", marks=pytest.mark.nightly), "closed"],
)
def test_who_removes_whose_file_and_until_when(
    clock, dana, tess, omar, staff, voltfix, client_of, status
):
    """By the page. A partner's people lose the right when the work is completed, and staff keep it
    to the end.
    """
    crew = {"dana": dana, "tess": tess, "staff": staff, "omar": omar}
    crew["mia"] = make_user("mia@voltfix.example", Role.MANAGER, partner=voltfix)
    crew["lee"] = make_user("lee@voltfix.example", Role.TECHNICIAN, partner=voltfix)
    row = make_accepted(dana, parts_required=False)
    files = {}
    for owner in ("lee", "dana", "mia", "tess", "staff"):
        book_on(row, crew["lee" if owner == "lee" else "tess"])
        files[owner] = add(row, crew[owner])
    if status != "in-progress":
        services.complete(ready_to_complete(row, by=dana), by=dana)
    if status == "closed":
        services.close(fresh(row), by=staff)
    for name, person in crew.items():
        browser = client_of(person)
        for owner, file in files.items():
            wanted = 404 if name in ("omar", "lee") else 200 if owner in FREE[name].split() else 403
            posted, over = (
                {200: 302}.get(wanted, wanted),
                name != "staff" and status != "in-progress",
            )
            if wanted != 404 and over:  # back to the work order, with the reason
                wanted, posted = 302, 409 if wanted == 200 else 403
            answer = browser.get(address(file, "remove-file"))
            assert (name, owner, answer.status_code) == (name, owner, wanted)
            answer = browser.post(address(file, "remove-file"))
            assert (name, owner, answer.status_code) == (name, owner, posted)
            removed = File.objects.exclude(removed_at=None).update(removed_at=None, removed_by=None)
            assert (name, owner, removed) == (name, owner, int(wanted == 200))


def links_of(text: str) -> set[str]:
    found = {
        html.unescape(link).partition("#")[0]
        for link in re.findall(r'<a [^>]*?href="([^"]*)"', text)
    }
    return {link for link in found if link.startswith("/") and "logout" not in link}


@pytest.mark.parametrize("person", ["tess", "dana", "staff"])
def test_everyone_can_open_every_page_that_is_offered(request, work_order, dana, person, client_of):
    """From the list on, link by link, the technician first: the narrowest role."""
    book_on(work_order, request.getfixturevalue("tess"))
    ship(
        work_order, "RMA-1", kind="RMA", direction="return", required=False, carrier="", service=""
    )
    add(work_order, dana)
    browser, seen, ahead = client_of(request.getfixturevalue(person)), {}, {"/work-orders/"}
    while ahead and len(seen) < 150:
        url = min(ahead)
        answer = browser.get(url)
        seen[url] = answer.status_code
        if answer.status_code == 302:
            ahead |= links_of(f'<a href="{answer.url}">')
        body = b"".join(answer.streaming_content if answer.streaming else [answer.content])
        ahead |= {link for link in links_of(body.decode(errors="ignore")) if "?" not in link}
        ahead -= seen.keys()
    assert len(seen) > 10
    assert f"/work-orders/{work_order.number}/related/" in seen
    assert {url: status for url, status in seen.items() if status not in (200, 302)} == {}


# --- Attachments
def reported(work_order, dana, staff) -> tuple[str, dict[str, str]]:
    services.enter_shipment(
        work_order,
        "FSO-2",
        services.ShipmentDetails("FSO", status="shipped", carrier="", service=""),
        parts=[services.Part("CBL-23", 2, "Charging cable")],
        by=None,
    )
    return "report-parts", {
        "note": "The box was open",
        "version": str(fresh(work_order).version),
        "quantity": "0",
    }


def judged(work_order, dana, staff) -> tuple[str, dict[str, str]]:
    services.review_reason(
        book_late(work_order, dana), kind=VerdictKind.MORE, note="Which storm?", by=staff
    )
    return "answer-verdict", {"body": "The storm of Sunday " + "y" * 5000}


def said(work_order, dana, staff) -> tuple[str, dict[str, str]]:
    return "comment", {"body": "The gate is shut " + "y" * 5000}


@pytest.mark.parametrize("prepare", [said, reported, judged])
def test_form_that_fails_keeps_uploads_and_text(work_order, dana, staff, client_of, prepare):
    """Both times it fails; and in the end nothing is there twice."""
    name, typed = prepare(work_order, dana, staff)
    url, browser = reverse(name, args=[work_order.number]), client_of(dana)
    files = {
        "uploads": [upload(name="gate.jpg")],
        "upload_key": "6b0f7c1e-0000-4000-8000-000000000001",
    }
    page = html_of(browser.post(url, typed | files))
    kept = File.objects.get()
    again = browser.post(url, typed | {"kept": [str(kept.upload_key)]})
    for text in (page, html_of(again)):
        assert f'name="kept" value="{kept.upload_key}" checked' in text
        assert (typed.get("note") or typed["body"]) in text
    assert (again.status_code, File.objects.get(), len(in_storage()), Comment.objects.count()) == (
        422,
        kept,
        2,
        0,
    )


# --- The list
COPIED = [
    field.attname
    for field in WorkOrder._meta.concrete_fields
    if not field.primary_key and not field.generated
]


def test_list_of_two_hundred_asks_as_much_as_a_list_of_one(clock, dana, client_of):
    browser, asked = client_of(dana), []
    late = make_accepted(dana, parts_required=False, assigned_on=dt.date(2026, 2, 20))
    values = {name: getattr(late, name) for name in COPIED}
    for more in (0, 199):
        WorkOrder.objects.bulk_create(
            WorkOrder(**values | {"number": f"WO-9{n}"}) for n in range(more)
        )
        keep_all_waits()
        browser.get("/work-orders/")
        with CaptureQueriesContext(connection) as queries:
            page = html_of(browser.get("/work-orders/?sla=missed"))
        asked.append(len(queries))
        assert page.count("business days late") >= min(1 + more, 50)
    assert (asked[0], asked[1], WorkOrder.objects.count()) == (asked[1], asked[0], 200)
    assert asked[1] <= 12


def test_no_flag_is_a_bit_of_a_number():
    """Every flag is a boolean of its own: no operator can be the wrong one."""
    code = [
        path for room in ("sla", "portal", "workorders") for path in (ROOT / room).rglob("*.py")
    ]
    names = {
        node.id
        for path in code
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Name)
    }
    assert names & {"Flag", "IntFlag", "KeepFlag"} == set()
