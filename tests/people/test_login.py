"""Logging in and out: who gets in, what strangers learn, and what a session survives."""

import re

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.people.backend import Backend, _people
from portal.people.models import LoginSession, User
from portal.prepared import Prepared
from tests.factories import PASSWORD, make_user
from tests.pages import html_of


def log_in(client: Client, email: str, password: str = PASSWORD, **extra):
    return client.post("/login/", {"login": email, "password": password}, **extra)


def without_token(response) -> str:
    return re.sub(r"\b\w{64}\b", "", html_of(response))


def test_login_leads_to_the_work_orders(client, dana):
    response = log_in(client, "dana@voltfix.example")
    assert (response.status_code, response.url) == (302, "/")


def test_login_can_be_typed_at_once(client, db):
    def focused(page) -> list[str]:
        return re.findall(r'<input[^>]*name="(\w+)"[^>]* autofocus', html_of(page))

    assert focused(client.get("/login/")) == ["login"]
    refused = log_in(client, "nobody@voltfix.example")
    assert focused(refused) == ["password"]
    assert 'aria-describedby="refused password_error"' in html_of(refused)


@pytest.mark.parametrize(
    ("unread", "said"), [(None, ""), (0, ""), (99, "99"), (100, "99+"), (12101, "99+")]
)
def test_count_beside_the_bell_fits_there(unread, said):
    person = User()
    person.unread = unread
    assert person.unread_in_brief == said


def test_login_takes_the_address_in_any_case(client, dana):
    assert log_in(client, " Dana@VoltFix.example ").status_code == 302


def test_login_leads_back_to_the_page_that_asked_for_it(client, dana):
    asked = client.get("/admin/people/user/?q=x")
    assert asked.url == "/login/?next=%2Fadmin%2Fpeople%2Fuser%2F%3Fq%3Dx"
    assert 'name="next" value="/admin/people/user/?q=x"' in html_of(client.get(asked.url))
    response = client.post(
        asked.url, {"login": dana.email, "password": PASSWORD, "next": "/admin/people/user/?q=x"}
    )
    assert response.url == "/admin/people/user/?q=x"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http://localhost/",
    ],
)
def test_login_leads_to_no_other_site(client, dana, target):
    response = client.post("/login/", {"login": dana.email, "password": PASSWORD, "next": target})
    assert (response.status_code, response.url) == (302, "/")


def test_login_page_sends_those_who_are_in_to_their_work(client_of, dana):
    assert client_of(dana).get("/login/").url == "/"


def test_login_tells_strangers_nothing(client, dana, voltfix):
    """Wrong password, no such account, deactivated (even with the right password), no password
    as yet.
    """
    gone = make_user("gone@voltfix.example", partner=voltfix, is_active=False)
    new = make_user("newx@voltfix.example", partner=voltfix)
    User.objects.filter(pk=new.pk).update(password="!never-chosen")
    answers = set()
    for email, password in [
        (dana.email, "wrong"),
        ("nobo@voltfix.example", PASSWORD),
        (gone.email, PASSWORD),
        (new.email, PASSWORD),
    ]:
        response = log_in(client, email, password)
        answers.add((response.status_code, without_token(response).replace(email, "")))
    assert [status for status, _ in answers] == [200]


def test_login_refuses_a_foreign_host(client, dana):
    assert log_in(client, dana.email, headers={"host": "evil.example"}).status_code == 400


def test_login_needs_a_token_of_its_own_page(dana):
    client = Client(enforce_csrf_checks=True)
    without = log_in(client, dana.email)
    assert (without.status_code, without.url) == (302, "/login/?next=/")
    assert "_auth_user_id" not in client.session
    client.get("/login/")
    token = client.cookies["csrftoken"].value
    data = {"login": dana.email, "password": PASSWORD, "csrfmiddlewaretoken": token}
    client.post("/login/", data, headers={"origin": "https://evil.example"})
    assert "_auth_user_id" not in client.session
    assert client.post("/login/", data).status_code == 302
    assert client.cookies["csrftoken"].value != token
    assert client.post("/logout/", headers={"x-csrftoken": token}).status_code == 403
    assert (
        client.post(
            "/logout/", headers={"x-csrftoken": client.cookies["csrftoken"].value}
        ).status_code
        == 302
    )


def test_login_starts_a_new_session(client, dana):
    """A key that was planted before is worth nothing afterwards."""
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    log_in(client, dana.email)
    assert client.session.session_key != planted
    assert LoginSession.objects.filter(session_key=planted).count() == 0


def test_logout_asks_first_and_then_ends_the_session(client, dana):
    log_in(client, dana.email)
    cookie = client.cookies["sessionid"].value
    assert client.get("/logout/").status_code == 200
    assert LoginSession.objects.count() == 1
    assert client.post("/logout/").url == "/login/"
    assert LoginSession.objects.count() == 0
    client.cookies["sessionid"] = cookie
    assert client.get("/admin/").url == "/login/?next=%2Fadmin%2F"


def test_deactivation_ends_a_session_at_once(client_of, staff):
    browser = client_of(staff)
    assert browser.get("/admin/").status_code == 200
    User.objects.filter(pk=staff.pk).update(is_active=False)
    assert browser.get("/admin/").status_code == 302


def test_login_keeps_no_second_list_of_addresses(client, dana):
    with CaptureQueriesContext(connection) as queries:
        log_in(client, dana.email)
    assert [
        q["sql"]
        for q in queries
        if "account_emailaddress" in q["sql"] and not q["sql"].startswith("SELECT")
    ] == []


def test_admin_has_no_login_of_its_own(client, client_of, dana, staff):
    assert client.get("/admin/login/?next=/admin/people/").url == "/login/?next=/admin/people/"
    assert (
        client.post("/admin/login/", {"username": staff.email, "password": PASSWORD}).url
        == "/login/?next=/admin/"
    )
    assert client_of(staff).get("/admin/login/").url == "/admin/"
    assert client_of(staff).post("/admin/logout/").url == "/login/"


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/login/", "/admin/people/user/", "/admin/nothing/", "/admin/jsi18n/"]
)
def test_admin_is_closed_to_partners(client_of, dana, path):
    assert client_of(dana).get(path).status_code == 403


def test_whoever_is_logged_in_comes_with_the_columns_of_other_apps(dana, monkeypatch):
    monkeypatch.setattr(Backend, "columns", {"twice": lambda: F("pk") * 2})
    monkeypatch.setattr("portal.people.backend.PEOPLE", Prepared(User, _people))
    assert Backend().get_user(dana.pk).twice == 2 * dana.pk


def test_a_query_of_the_person_is_the_only_one(dana, django_assert_num_queries):
    with django_assert_num_queries(1):
        person = Backend().get_user(dana.pk)
        assert (person.partner.name, person.unread) == ("VoltFix", None)


def test_login_page_beside_another_leads_on_to_where_it_was_going(dana):
    """The first login has renewed the token."""
    browser = Client(enforce_csrf_checks=True)
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', html_of(browser.get("/login/")))[1]
    form = {"login": dana.email, "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert browser.post("/login/", form | {"next": "/schedule/"}).url == "/schedule/"
    assert browser.post("/login/", form | {"next": "/parts-owed/"}).url == "/parts-owed/"
    assert browser.post("/login/", form | {"next": "https://elsewhere.example/"}).url == "/"
    assert browser.post("/logout/", form).status_code == 403


def test_login_page_that_was_open_too_long_is_shown_anew(dana):
    browser = Client(enforce_csrf_checks=True)
    form = {"login": dana.email, "password": PASSWORD, "next": "/schedule/"}
    response = browser.post("/login/", form)
    assert response.url == "/login/?next=/schedule/"
    assert "That page was open too long. Log in once more." in html_of(browser.get(response.url))
