"""A login lasts as long as there is work, up to a limit."""

import datetime as dt
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.people.models import LoginSession, User
from tests.factories import make_admin
from tests.people.test_login import log_in

pytestmark = pytest.mark.once

MORNING = dt.datetime(2026, 3, 2, 17, tzinfo=dt.UTC)
MINUTE, HOUR = 60, 3600


@pytest.fixture
def clock():
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


def is_in(browser: Client) -> bool:
    return browser.get("/notifications/choices/").status_code == 200


def writes(browser: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert is_in(browser)
    return sum("UPDATE" in query["sql"] for query in queries)


@pytest.fixture
def browser(clock, client, dana) -> Client:
    log_in(client, dana.email)
    return client


def test_work_extends_a_login(browser, clock):
    for _ in range(5):
        clock.shift(11 * HOUR)
        assert is_in(browser)
    clock.shift(13 * HOUR)
    assert not is_in(browser)


def test_staff_are_logged_out_sooner(clock, client, db):
    log_in(client, make_admin().email)
    clock.shift(3 * HOUR)
    assert is_in(client)
    clock.shift(5 * HOUR)
    assert not is_in(client)


def test_no_login_lasts_longer_than_a_week(browser, clock, settings):
    for _ in range(16):
        clock.shift(10 * HOUR)
        assert is_in(browser)
    clock.shift(9 * HOUR)
    answer = browser.get("/notifications/choices/", headers={"hx-request": "true"})
    assert answer.status_code == 401
    assert browser.get("/work-orders/").url == "/login/?next=%2Fwork-orders%2F"
    assert LoginSession.objects.count() == 0


def test_a_session_is_written_once_in_five_minutes(browser, clock):
    found = []
    for minutes in (1, 3, 2, 1, 5):
        clock.shift(minutes * MINUTE)
        found.append(writes(browser))
    assert found == [0, 0, 1, 0, 1]


def test_whoever_is_logged_in_stays_so_after_the_upgrade(dana):
    """Sessions were kept elsewhere, without their person."""
    browser, elsewhere = Client(), SessionStore()
    browser.force_login(dana)
    elsewhere.update(browser.session.items())
    elsewhere.create()
    gone = SessionStore()
    gone["_auth_user_id"] = "999999"
    gone.create()
    SessionStore().create()
    LoginSession.objects.all().delete()
    browser.cookies["sessionid"] = elsewhere.session_key
    assert not is_in(browser)
    import_module("portal.people.migrations.0009_keep_logins").keep_logins(apps, None)
    browser.cookies["sessionid"] = elsewhere.session_key
    assert is_in(browser)
    assert [session.user for session in LoginSession.objects.all()] == [dana]


def test_a_session_of_an_earlier_version_goes_on(clock, client, dana: User):
    client.force_login(dana)
    session = client.session
    del session["began"], session["renewed"]
    session.save()
    assert is_in(client)
    assert "began" in client.session
