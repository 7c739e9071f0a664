"""What belongs to somebody else answers as what does not exist: wherever its key is put, status
and body are the same.

In every run each place is tried by one of three people, and with one kind of key; in
`make test-all` by all three, with every kind.
"""

import itertools
import re
import uuid
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client

from portal.people.models import User
from tests.portal.test_query_values import NAMES
from tests.trust.forms import forms_sent
from tests.trust.world import MISSING, World, every_address, keys_of, path_of
from tests.workorders.every_action import ACTIONS
from tests.workorders.partners_actions import a_file
from tests.workorders.test_every_action import of_partner
from workorders.models import Import

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.no_waits]

OF_PARTNERS = [
    each for each in every_address() if "<" in each.route and not each.route.startswith("admin/")
]
OPEN_TO_ALL = {"account_reset_password_from_key", "invitation"}
TOKENS = "csrfmiddlewaretoken|csrf-token|form_key|upload_key"
OF_EACH_PAGE = re.compile(  # and the secret of an authenticator app that is being set up
    rf'name="(?:{TOKENS})" (?:value|content)="[^"]*"|src="data:image/svg[^"]*"|<code>[^<]*'
)


def pairs(world: World) -> dict[str, tuple[Any, Any]]:
    """A key of the other partner of each kind, and one that nothing has, of the same length."""
    row = world.foreign
    shipment, file = row.shipments.get(number="FSO-KESTREL"), row.files.first()
    people = User.objects.filter(partner=row.partner, role="technician")
    keys = {
        "work order": row.pk,
        "technician": people.values_list("pk", flat=True)[0],
        "visit": row.visits.values_list("pk", flat=True)[0],
        "shipment": shipment.pk,
        "part": shipment.parts.values_list("pk", flat=True)[0],
        "line item": row.line_items.values_list("pk", flat=True)[0],
        "appointment": row.appointment_id,
        "comment": row.comments.values_list("pk", flat=True)[0],
        "account": row.site.account_id,
    }
    numbered = {kind: (key, MISSING + 1) for kind, key in keys.items()}
    return numbered | {
        "number": (row.number, "WO-MISSING"),
        "shipment's number": (shipment.number, "FSO-MISSING"),
        "file": (file.key, uuid.UUID(int=7)),
        "upload": (file.upload_key, uuid.UUID(int=7)),
        "serial": (row.station.serial, "MISSING-SN"),
    }


def said(answer: HttpResponseBase, keys: re.Pattern[str]) -> tuple[int, str, str]:
    """Its status, where it leads, and its body without the keys themselves."""
    whole = b"".join(answer.streaming_content) if answer.streaming else answer.content
    body = OF_EACH_PAGE.sub("", whole.decode(errors="replace"))
    to = answer.headers.get("Location", "") + answer.headers.get("HX-Redirect", "")
    return answer.status_code, keys.sub("KEY", to), keys.sub("KEY", body)


def differing(browser: Client, ask: Any, foreign: Any, missing: Any) -> str:
    """How the two answers differ; "" where they tell nothing apart."""
    answers, keys = [], re.compile(rf"\b({foreign}|{missing})\b")
    for key in (foreign, missing):
        browser.cookies.pop("messages", None)  # of the request before
        with transaction.atomic():
            answers.append(said(ask(key), keys))
            transaction.set_rollback(True)
    (status, to, body), (other, elsewhere, instead) = answers
    if (status, to) != (other, elsewhere):
        return f"{status} {to} for what is another's, {other} {elsewhere} for what is not there"
    if "kestrel" in body.casefold():
        return "it shows what is another's"
    if body == instead:
        return ""
    pairs = enumerate(zip(body, instead, strict=False))
    at = next((n for n, (one, other) in pairs if one != other), len(body))
    return f"“{body[at - 40 : at + 40]}” instead of “{instead[at - 40 : at + 40]}”"


SIZES = pytest.mark.parametrize("in_full", [False, pytest.param(True, marks=pytest.mark.nightly)])
READERS = ["dispatcher", "technician", "staff"]


@SIZES
def test_a_foreign_key_in_an_address_is_a_missing_one(world, client_of, in_full):
    browsers, wrong = {who: client_of(world.people[who]) for who in READERS}, []
    foreign_file, visit = world.foreign.files.first(), pairs(world)["visit"]
    addresses = [each for each in OF_PARTNERS if each.name not in OPEN_TO_ALL]
    turns = list(zip(addresses, itertools.cycle(READERS), strict=False))
    for address, who in itertools.product(addresses, READERS) if in_full else turns:
        browser = browsers[who]
        tried = {
            "number": (world.foreign.number, "WO-MISSING"),
            "key": (foreign_file.key, uuid.UUID(int=7)),
            "visit": visit,
            "technician": pairs(world)["technician"],
        }
        for name, (foreign, missing) in tried.items():
            if f":{name}>" not in address.route or (who == "staff" and name == "number"):
                continue
            for method in ("GET", "POST"):

                def ask(
                    key: Any, browser=browser, method=method, address=address, name=name
                ) -> Any:
                    return browser.generic(method, path_of(address, world.row, **{name: key}))

                if how := differing(browser, ask, foreign, missing):
                    wrong.append(f"{method} {address.route}, {name}, by {who}: {how}")
    assert not wrong, "\n".join(wrong)


def test_work_of_a_colleague_is_as_missing_for_a_technician(world, client_of):
    browser, wrong = client_of(world.people["not assigned"]), []
    for address in [each for each in OF_PARTNERS if "<slug:number>" in each.route]:
        for method in ("GET", "POST"):

            def ask(key: Any, method=method, address=address) -> Any:
                return browser.generic(method, path_of(address, world.row, number=key))

            if how := differing(browser, ask, world.row.number, "WO-0"):
                wrong.append(f"{method} {address.route}: {how}")
    assert not wrong, "\n".join(wrong)


def test_an_import_of_another_person_is_a_missing_one(world, client_of):
    browser, wrong = client_of(world.people["staff"]), []
    for address in [each for each in every_address() if "import/" in each.route]:
        if "<uuid:key>" in address.route:
            foreign = keys_of(address, world.row)["key"]
            assert Import.objects.get(key=foreign).by != world.people["staff"]

            def ask(key: Any, address=address) -> Any:
                return browser.get(path_of(address, world.row, key=key))

            if how := differing(browser, ask, foreign, uuid.UUID(int=7)):
                wrong.append(f"{address.route}: {how}")
    assert not wrong, "\n".join(wrong)


def kinds_for(turn: int, world: World, *, in_full: bool) -> dict[str, tuple[Any, Any]]:
    """All kinds of keys, or one of them, another at each place."""
    found = list(pairs(world).items())
    return dict(found if in_full else [found[turn % len(found)]])


@SIZES
def test_a_foreign_key_in_query_or_headers_is_a_missing_one(world, client_of, in_full):
    browser, wrong = client_of(world.people["dispatcher"]), []
    pages = [each for each in every_address() if not each.route.startswith(("admin/", "logout"))]
    for turn, address in enumerate(pages):
        for kind, (foreign, missing) in kinds_for(turn, world, in_full=in_full).items():
            for names in [[name] for name in NAMES] if in_full else [NAMES]:

                def ask(key: Any, names=names, address=address) -> Any:
                    page = f"http://testserver/work-orders/{key}/"
                    headers = {"referer": page, "hx-current-url": page, "hx-target": str(key)}
                    query = dict.fromkeys(names, key)
                    return browser.get(path_of(address, world.row), query, headers=headers)

                if how := differing(browser, ask, foreign, missing):
                    wrong.append(f"{address.route}, {kind} as {names[0]}: {how}")
    assert not wrong, "\n".join(wrong)


@SIZES
def test_a_foreign_key_in_a_form_is_a_missing_one_and_changes_nothing_of_theirs(
    world, client_of, in_full
):
    """Each field of each form, all others as they are when the action is taken."""
    dana, wrong, tried = world.people["dispatcher"], [], 0
    browser = client_of(dana)
    for turn, (name, action) in enumerate(ACTIONS.items()):
        if not action.page:
            continue
        with transaction.atomic():
            if action.first is not a_file:  # there is one
                action.first(world.row, dana)
            row = type(world.row).objects.with_facts().get(pk=world.row.pk)
            path, data = of_partner(row, action), {"version": row.version} | action.data(row)
            fields = forms_sent(browser, path, data) | data.keys()
            for field in sorted(fields):
                for kind, (foreign, missing) in kinds_for(turn, world, in_full=in_full).items():

                    def ask(key: Any, path=path, data=data, field=field) -> Any:
                        return browser.post(path, data | {field: key})

                    tried += 1
                    if how := differing(browser, ask, foreign, missing):
                        wrong.append(f"{name}, {kind} as {field}: {how}")
            transaction.set_rollback(True)
    assert tried > 50
    assert not wrong, "\n".join(wrong)
