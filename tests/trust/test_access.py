"""Every address, by everyone, by every method, held to the table in `expected`.

In every run each address is asked by one person of each answer that it has; in `make test-all` by
everyone, by every method.
"""

import re
from collections.abc import Iterator
from zlib import crc32

import pytest
from django.db import transaction
from django.test import Client

from portal.people.models import User
from tests.trust.expected import METHODS, WHO, expected, family_of, is_open
from tests.trust.world import INACTIVE, NOBODY, Address, every_address, path_of
from tests.workorders.test_every_action import watched

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.no_waits]

ADDRESSES = sorted(set(every_address()))
ENDS_THE_SESSION = {"admin:logout", "account_logout", "end-own-sessions"}
# all that a look may write: how far somebody has read
MARKS_READ = re.compile(
    r'INSERT INTO "\w+_threadread"|UPDATE "\w+_(threadread|notification)"'
).match
SAID = {403: "refused", 404: "hidden", 405: "no such method", 401: "login"}


@pytest.fixture
def browsers(world) -> dict[str, Client]:
    """One for each person, who is logged in; Ivo is made inactive after that."""
    found = {NOBODY: Client()}
    for who, person in world.people.items():
        found[who] = Client()
        found[who].force_login(person)
    User.objects.filter(pk=world.people[INACTIVE].pk).update(is_active=False)
    return found


def answer_of(browser: Client, method: str, path: str, **headers: str) -> str:
    """What came of it, in the words of the table."""
    with watched() as written:
        answer = browser.generic(method, path, headers=headers)
        if answer.streaming:
            b"".join(answer.streaming_content)  # to have read it closes it
    to = answer.headers.get("Location", "") or answer.headers.get("HX-Redirect", "")
    said = SAID.get(answer.status_code, "in" if answer.status_code < 500 else "broken")
    if said == "in" and to.startswith("/login/"):
        said = "login"
    wrote = [sql for sql in written if said != "in" or not (method == "POST" or MARKS_READ(sql))]
    return f"{said}, but it wrote {wrote}" if wrote else said


def asked(address: Address, *, in_full: bool) -> Iterator[tuple[str, str]]:
    """Who asks by which method. Each answer of the table is asked for by one, another one at each
    address, unless `in_full`.
    """
    everyone = [NOBODY, INACTIVE, *WHO]
    if in_full:
        yield from ((who, method) for who in everyone for method in METHODS)
        return
    turn = crc32(address.route.encode())
    for method in ("GET", "POST"):
        by_answer: dict[str, list[str]] = {}
        for who in everyone:
            by_answer.setdefault(expected(address, who, method), []).append(who)
        for people in by_answer.values():
            yield people[turn % len(people)], method
    yield WHO[turn % len(WHO)], METHODS[3 + turn % 4]


def test_each_address_has_its_row_in_the_table():
    assert [each for each in ADDRESSES if not (family_of(each) or is_open(each))] == []


@pytest.mark.parametrize("in_full", [False, pytest.param(True, marks=pytest.mark.nightly)])
def test_everyone_gets_in_where_the_table_says_and_nowhere_else(world, browsers, in_full, figure):
    wrong, count = [], 0
    for address in ADDRESSES:
        if is_open(address) or (address.name in ENDS_THE_SESSION):
            continue
        path = path_of(address, world.row)
        for who, method in asked(address, in_full=in_full):
            with transaction.atomic():
                found, wanted = (
                    answer_of(browsers[who], method, path),
                    expected(address, who, method),
                )
                transaction.set_rollback(True)
            count += 1
            if found != wanted:
                wrong.append(f"{method} {path} by {who}: {found} instead of {wanted}")
    figure(f"{len(wrong)} deviations in {count:,} requests to {len(ADDRESSES)} addresses")
    assert not wrong, "\n".join([f"{len(wrong)} deviations", *wrong[:100]])
