"""How often strangers may try, and that they keep nobody out by it."""

import datetime as dt

import pytest
import time_machine
from django.test import Client

from portal import environment
from portal import settings as ours
from tests.factories import PASSWORD
from tests.pages import mismatches
from tests.people.test_login import log_in
from tests.people.test_password_reset import ask, choose, link_for

pytestmark = pytest.mark.once

MORNING = dt.datetime(2026, 3, 2, 17, tzinfo=dt.UTC)
MINUTE, HOUR = 60, 3600


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


def guesses_in_an_hour(clock, email: str, addresses: int) -> int:
    """How many wrong passwords are looked at, one each minute, from so many addresses."""
    looked_at, stranger = 0, Client()
    for number in range(HOUR // MINUTE + 1):
        answer = log_in(stranger, email, "wrong", REMOTE_ADDR=f"10.9.0.{number % addresses + 1}")
        looked_at += answer.status_code == 200
        clock.shift(MINUTE)
    return looked_at


@pytest.mark.parametrize(
    "email",
    ["dana@voltfix.example", pytest.param("nobody@voltfix.example", marks=pytest.mark.nightly)],
)
def test_one_account_is_guessed_at_twenty_times_an_hour_from_anywhere(clock, dana, email):
    """Ten at once and one every six minutes; whether there is such an account does not show."""
    assert guesses_in_an_hour(clock, email, addresses=200) == 20


def test_a_device_that_logged_in_before_has_an_allowance_of_its_own(clock, dana):
    """Whatever strangers do, at this address too."""
    known = Client()
    log_in(known, dana.email)
    known.post("/logout/")
    for _ in range(10):
        log_in(Client(), dana.email, "wrong")
    assert log_in(Client(), dana.email).status_code == 429
    assert [log_in(known, dana.email, "wrong").status_code for _ in range(11)] == [200] * 10 + [429]
    assert log_in(known, dana.email).status_code == 429
    clock.shift(6 * MINUTE)
    assert log_in(known, dana.email).url == "/"


def test_it_is_known_for_those_who_logged_in_there_alone(dana, omar):
    device = Client()
    log_in(device, dana.email)
    device.post("/logout/")
    for _ in range(10):
        log_in(Client(), omar.email, "wrong", REMOTE_ADDR="10.9.9.9")
    assert log_in(device, omar.email).status_code == 429
    log_in(device, dana.email)
    device.post("/logout/")
    device.cookies["device"] = f"{device.cookies['device'].value[:-1]}_"
    for _ in range(10):
        log_in(Client(), dana.email, "wrong", REMOTE_ADDR="10.9.9.9")
    assert log_in(device, dana.email).status_code == 429


def test_an_office_is_not_locked_out_by_one(dana, omar):
    """However often one of them is wrong: their own account alone is slowed."""
    colleague = Client()
    for _ in range(20):
        log_in(colleague, dana.email, "wrong")
    assert log_in(Client(), dana.email).status_code == 429
    assert log_in(Client(), omar.email).url == "/"


def test_an_address_that_tries_many_accounts_is_slowed(clock, dana):
    """Not so those who have logged in on their device before."""
    known = Client()
    log_in(known, dana.email)
    known.post("/logout/")
    stranger = Client()
    found = [log_in(stranger, f"p{n}@voltfix.example", "x").status_code for n in range(31)]
    assert found == [200] * 30 + [429]
    assert log_in(Client(), dana.email).status_code == 429
    assert log_in(Client(), dana.email, REMOTE_ADDR="10.1.2.3").url == "/"
    assert log_in(known, dana.email).url == "/"
    clock.shift(2 * MINUTE)
    assert log_in(Client(), dana.email).url == "/"


def test_an_account_is_slowed_and_never_closed(clock, dana):
    """The wait is the real one, and after it the right password lets in."""
    for port in range(10):  # a Host header does not buy more tries
        log_in(Client(), dana.email, "wrong", headers={"host": f"localhost:{port + 1}"})
    clock.shift(MINUTE)
    refused = log_in(Client(), dana.email)
    assert (refused.status_code, mismatches(refused, "Wait 5 minutes, then")) == (429, [])
    assert refused.headers["Retry-After"] == "300"
    clock.shift(299)
    assert log_in(Client(), dana.email).headers["Retry-After"] == "1"
    clock.shift(1)
    assert log_in(Client(), dana.email).url == "/"


def test_a_new_password_lets_in_whatever_strangers_do(dana):
    for number in range(20):
        log_in(Client(), dana.email, "wrong", REMOTE_ADDR=f"10.9.0.{number}")
    mine = Client()
    refused = log_in(mine, dana.email, PASSWORD)
    assert (refused.status_code, mismatches(refused, "Choose a new one")) == (429, [])
    choose(mine, link_for(mine, dana.email))
    assert log_in(mine, dana.email, "brass-Kettle-7741").url == "/"


def test_a_forwarded_address_is_not_believed(dana):
    """Without TRUSTED_PROXIES the header is a stranger's word."""
    stranger = Client()
    found = [
        log_in(
            stranger, f"p{n}@voltfix.example", "wrong", headers={"x-forwarded-for": f"10.0.0.{n}"}
        ).status_code
        for n in range(31)
    ]
    assert found[-1] == 429


def test_links_for_a_new_password_are_sent_five_times_at_once(clock, client, dana):
    for email in (dana.email, "nobody@voltfix.example"):
        found = [ask(client, email, REMOTE_ADDR=f"10.0.0.{n}").status_code for n in range(6)]
        assert found == [302] * 5 + [429]
    refused = ask(client, dana.email)
    assert (refused.status_code, mismatches(refused, "Wait 12 minutes, then")) == (429, [])
    assert refused.headers["Retry-After"] == "720"
    clock.shift(12 * MINUTE)
    assert ask(client, dana.email).status_code == 302


def test_an_address_asks_for_thirty_links_at_once(clock, client, dana):
    found = [ask(client, f"p{n}@voltfix.example").status_code for n in range(31)]
    assert found == [302] * 30 + [429]
    clock.shift(2 * MINUTE)
    assert ask(client, dana.email).status_code == 302


def test_an_ipv6_network_is_one_address(dana):
    stranger = Client()
    found = [
        log_in(stranger, f"p{n}@voltfix.example", "x", REMOTE_ADDR=f"2001:db8::{n}").status_code
        for n in range(31)
    ]
    assert found[-1] == 429


@pytest.mark.parametrize("url", ["filecache:///tmp/somewhere", "locmemcache://", "dbcache://table"])
def test_other_entries_of_the_cache_do_not_push_limits_out(monkeypatch, url):
    """Django keeps 300 of them and drops a third at random."""
    monkeypatch.setenv("CACHE_URL", url)
    config = environment.cache("CACHE_URL", default="")
    assert config["OPTIONS"]["MAX_ENTRIES"] == 50_000
    assert ours.CACHES["database"]["OPTIONS"]["MAX_ENTRIES"] == 50_000
