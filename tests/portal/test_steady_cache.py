"""Where the cache is away everything works, and the limits on logins hold on in the database."""

import socket

import pytest
from django.core.cache import cache, caches
from django.core.management import call_command
from django.urls import reverse

from portal import steady_cache
from portal.steady_cache import SteadyCache, first_cache_answers
from tests.pages import html_of

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def cache_away(settings, closed_port, monkeypatch) -> None:
    """A Redis at which nobody listens."""
    monkeypatch.setattr(SteadyCache, "away_until", 0.0)
    settings.CACHES = {
        "default": {"BACKEND": "portal.steady_cache.SteadyCache"},
        "first": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": f"redis://127.0.0.1:{closed_port}/1",
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
        },
        "database": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "portal_cache",
        },
    }
    call_command("createcachetable", verbosity=0)


@pytest.mark.usefixtures("cache_away")
def test_what_is_kept_is_kept_in_the_database(caplog):
    cache.set("name", "value", 60)
    assert cache.add("name", "another") is False
    assert cache.get("name") == caches["database"].get("name") == "value"
    cache.touch("name", 90)
    cache.delete("name")
    assert cache.get("name", "nothing") == "nothing"
    cache.set("name", 1)
    assert cache.incr("name") == 2
    cache.clear()
    assert cache.get("name") is None
    # it is asked again after a while, not each time
    assert [record.message.partition(":")[0] for record in caplog.records] == [
        "The cache does not answer, the database is used instead"
    ]


@pytest.mark.usefixtures("cache_away")
def test_a_login_works_and_its_limit_holds(client, dana):
    dana.set_password("a-long-enough-Phrase-26")
    dana.save()

    def login(password: str) -> int:
        typed = {"login": dana.email, "password": password}
        return client.post(reverse("account_login"), typed).status_code

    assert [login("wrong") for _ in range(11)] == [200] * 10 + [429]
    assert client.post(reverse("account_reset_password"), {"email": dana.email}).status_code == 302
    caches["database"].clear()
    assert login("a-long-enough-Phrase-26") == 302


@pytest.mark.usefixtures("cache_away")
def test_staff_are_told(client_of, admin_user):
    sentence = "The cache does not answer."
    assert sentence in html_of(client_of(admin_user).get(reverse("admin:index")))


def test_the_first_cache_is_used_while_it_answers(settings, monkeypatch, client_of, admin_user):
    monkeypatch.setattr(SteadyCache, "away_until", 0.0)
    settings.CACHES = settings.CACHES | {
        "default": {"BACKEND": f"{steady_cache.__name__}.SteadyCache"}
    }
    cache.set("name", "value")
    assert caches["first"].get("name") == "value"
    assert first_cache_answers()
    page = html_of(client_of(admin_user).get(reverse("admin:index")))
    assert "The cache does not answer." not in page
