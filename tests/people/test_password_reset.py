"""A new password by mail: the same answer to everybody, one link, used once, with POST."""

import datetime as dt
import re

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.outbox.models import Message
from portal.people.models import User
from tests.factories import PASSWORD, make_user
from tests.pages import html_of, mismatches

pytestmark = pytest.mark.once

NEW = {"password1": "brass-Kettle-7741", "password2": "brass-Kettle-7741"}


def ask(client: Client, email: str, **extra):
    return client.post("/password/reset/", {"email": email}, **extra)


def link_for(client: Client, email: str) -> str:
    ask(client, email)
    return re.search(
        r"http://127\.0\.0\.1:8000(/password/\S+)",
        Message.objects.filter(key__startswith="password-reset").first().body,
    )[1]


def choose(client: Client, link: str, **passwords: str):
    """Opens the link as a browser does, and sends the form."""
    return client.post(client.get(link, follow=True).request["PATH_INFO"], NEW | passwords)


def test_password_reset_mails_a_link_with_which_the_password_is_changed_once(client, dana):
    link = link_for(client, dana.email)
    assert choose(client, link).url == "/password/reset/done/"
    dana.refresh_from_db()
    assert dana.check_password(NEW["password1"])
    again = Client().get(link)
    assert (again.status_code, mismatches(again, "no longer works")) == (200, [])


def test_password_reset_answers_everybody_alike(client, dana, voltfix):
    """Same status, same bytes, and the same work in the database."""
    make_user("gone@voltfix.example", partner=voltfix, is_active=False)
    answers, work = set(), []
    for email in ("dana@voltfix.example", "nobo@voltfix.example", "gone@voltfix.example"):
        with CaptureQueriesContext(connection) as queries:
            response = ask(client, email)
        answers.add((response.status_code, response.url, response.content))
        work.append([query["sql"].split()[0] for query in queries])
    assert answers == {(302, "/password/reset/sent/", b"")}
    assert work[1] == work[2] == [*work[0][:-1], "DELETE", work[0][-1]]
    assert [message.to for message in Message.objects.all()] == ["dana@voltfix.example"]


def test_password_reset_mail_follows_neither_host_nor_typing(client, dana, settings):
    """74: the link begins with PORTAL_BASE_URL, the mail goes to the address on file."""
    assert ask(client, dana.email, headers={"host": "evil.example"}).status_code == 400
    ask(
        client,
        "DANA@voltfix.example",
        headers={"host": "localhost", "x-forwarded-host": "evil.example"},
    )
    message = Message.objects.get()
    assert message.to == "dana@voltfix.example"
    assert set(re.findall(r"https?://[^/\s]+", message.body)) == {settings.PORTAL_BASE_URL}


def test_password_reset_link_is_not_used_up_by_a_scanner_that_opens_it(client, dana):
    link = link_for(client, dana.email)
    for scanner in (Client(), Client()):
        assert scanner.get(link, follow=True).status_code == 200
    assert choose(client, link).url == "/password/reset/done/"


def test_password_reset_link_does_not_travel_in_a_referer(client, dana):
    first = client.get(link_for(client, dana.email))
    assert (first.status_code, first.headers["Referrer-Policy"]) == (302, "strict-origin")
    assert first.url.endswith("/set-password/")


@pytest.mark.parametrize(("seconds", "good"), [(3599, True), (3601, False)])
def test_password_reset_link_lives_an_hour(client, dana, seconds, good):
    with time_machine.travel(dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC), tick=False) as clock:
        link = link_for(client, dana.email)
        clock.shift(seconds)
        assert ("no longer works" not in html_of(client.get(link, follow=True))) == good


@pytest.mark.parametrize(
    "change", [{"email": "dana2@voltfix.example"}, {"is_active": False}, {"password": "other"}]
)
def test_password_reset_link_dies_with_what_it_was_made_for(client, dana, change):
    link = link_for(client, dana.email)
    User.objects.filter(pk=dana.pk).update(**change)
    assert "no longer works" in html_of(client.get(link, follow=True))


@pytest.mark.parametrize(
    "link", ["0/x", "zzzzzzzzzzzzz/c-1", "zzzzzzzzzzzzzzzzzz/c-1", "1/set-password", "-/é"]
)
def test_password_reset_link_that_was_made_up_is_no_longer_good(client, db, link):
    response = client.get(f"/password/reset/{link}/")
    assert (response.status_code, mismatches(response, "no longer works")) == (200, [])


def test_password_reset_ends_all_other_sessions(client, client_of, staff):
    elsewhere = client_of(staff)
    assert elsewhere.get("/admin/").status_code == 200
    choose(client, link_for(client, staff.email))
    assert elsewhere.get("/admin/").status_code == 302


def test_password_reset_keeps_the_rules_for_passwords(client, dana):
    link = link_for(client, dana.email)
    for bad in ("short", "password1234", "dana@voltfix.example"):
        response = choose(client, link, password1=bad, password2=bad)
        assert (response.status_code, mismatches(response, "is-invalid")) == (200, [])
    dana.refresh_from_db()
    assert dana.check_password(PASSWORD)


def test_password_reset_gives_the_uninvited_their_first_password(client, dana):
    """Whoever let an invitation run out helps himself."""
    User.objects.filter(pk=dana.pk).update(password="!never-chosen")
    assert choose(client, link_for(client, dana.email)).url == "/password/reset/done/"
