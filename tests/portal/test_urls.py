"""Every address asks for a login, but for the few that are named here."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.factories import make_rita

pytestmark = pytest.mark.once

OPEN = {
    "/login/",
    "/login/code/",
    "/logout/",
    "/password/reset/",
    "/password/reset/sent/",
    "/password/reset/done/",
    "/password/reset/1/1/",
    "/invitations/1/",
    "/admin/login/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/csp-reports",
}
OWN = {  # of whoever is logged in: what is asked for, and what is sent without anything in it
    "/notifications/choices/": (200, 200),
    "/security/": (200, 405),
    "/security/authenticator-app/": (200, 422),
    "/security/recovery-codes/": (200, 302),
    "/security/password/": (200, 422),
    "/security/passkey/": (404, 404),  # where the address is a number
    "/security/factors/1/remove/": (405, 404),
    "/security/sessions/end/": (405, 302),
}
LOGGED_IN = {"/admin/logout/"}
UUID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


def addresses(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """One address of each pattern, with 1 wherever a value belongs."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            plain = re.sub(r"<uuid:\w+>", UUID, route)
            plain = re.sub(r"\(\?P<\w+>.*?\)(?=\$|/|$)|<[^>]+>", "1", plain)
            yield "/" + re.sub(r"[\^$]|\\Z", "", plain)
        else:
            yield from addresses(pattern, route)


def test_every_address_but_the_open_ones_asks_for_a_login(client, db):
    answers = {}
    for address in set(addresses()) - OPEN:
        page, fragment = client.get(address), client.get(address, headers={"hx-request": "true"})
        answers[address] = (page.status_code, page.url.partition("?")[0], fragment.status_code)
    assert len(answers) > 20
    assert {
        address: answer for address, answer in answers.items() if answer != (302, "/login/", 401)
    } == {}


def test_open_addresses_are_those_that_exist(client, db):
    assert OPEN - set(addresses()) == set()
    statuses = {address: client.get(address).status_code for address in OPEN}
    assert statuses == {
        "/login/": 200,
        "/login/code/": 302,
        "/logout/": 302,
        "/password/reset/": 200,
        "/password/reset/sent/": 200,
        "/password/reset/done/": 200,
        "/password/reset/1/1/": 200,
        "/invitations/1/": 404,
        "/admin/login/": 302,
        "/healthz": 200,
        "/readyz": 200,
        "/metrics": 404,  # there is no token
        "/csp-reports": 405,
    }


def test_staff_without_any_right_are_refused_everywhere_but_on_their_own_page(rita, client_of):
    """405 where an address cannot be sent to at all, or not be looked at."""
    browser, wrong = client_of(rita), {}
    ends = "/security/sessions/end/"
    for address in sorted(set(addresses()) - OPEN, key=ends.__eq__):
        asked, sent = browser.get(address).status_code, browser.post(address).status_code
        if (asked, sent) not in [(403, 403), (403, 405), (405, 403)]:
            wrong[address] = asked, sent
    assert wrong == OWN


def test_staff_with_another_right_open_what_it_is_about(db, client_of):
    browser = client_of(make_rita("outbox.view_message"))
    opened = {address for address in set(addresses()) - OPEN if shows(browser, address)}
    own = {address for address, (asked, _) in OWN.items() if asked == 200}
    assert opened == own | {"/admin/", "/admin/jsi18n/", "/admin/outbox/message/"} | LOGGED_IN


def shows(browser: Client, address: str) -> bool:
    return browser.get(address).status_code == 200


def test_files_of_the_server_are_no_addresses(client, db):
    for address in (
        "/media/x.jpg",
        "/db.sqlite3",
        "/.git/HEAD",
        "/backup.zip",
        "/static/../portal/settings.py",
        "/signup/",
        "/accounts/login/",
        "/email/",
    ):
        assert client.get(address).status_code == 404
