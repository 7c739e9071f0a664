"""Headers of every answer, and where a login leads back to."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.test import Client

from portal.middleware import Sessions

pytestmark = pytest.mark.once

PAGE = "/admin/people/user/"


def back(response) -> str:
    target = urlsplit(response.headers.get("HX-Redirect") or response.url)
    assert (target.scheme, target.netloc, target.path) == ("", "", "/login/")
    return parse_qs(target.query)["next"][0]


def test_fragment_after_logout_leads_to_the_login_and_back_to_its_page(client, db):
    """Never a login page swapped into a table cell."""
    headers = {
        "hx-request": "true",
        "hx-current-url": "http://testserver/work-orders/?status=shipped#row",
    }
    response = client.get(PAGE, headers=headers)
    assert (response.status_code, response.content, back(response)) == (
        401,
        b"",
        "/work-orders/?status=shipped",
    )


@pytest.mark.parametrize(
    "current",
    [
        "https://evil.example/work-orders/",
        "http://testserver.evil.example/",
        "http://testserver@evil.example/",
        "http://testserver//evil.example/",
        "http://testserver////evil.example",
        "http://testserver/\\evil.example",
        "//evil.example",
        "javascript:alert(1)",
        "http://[",
        "",
        "\\\\evil.example",
    ],
)
def test_login_leads_back_to_no_other_site(client, db, current):
    response = client.get(PAGE, headers={"hx-request": "true", "hx-current-url": current})
    assert (response.status_code, back(response)) == (401, "/")
    assert back(client.post(PAGE, headers={"referer": current})) == "/"


def test_login_leads_back_to_the_page_of_a_form_not_to_its_action(client, db):
    referer = {"referer": "http://testserver/work-orders/WO-1/?tab=1"}
    assert (
        back(client.post("/admin/people/user/add/", headers=referer)) == "/work-orders/WO-1/?tab=1"
    )
    assert back(client.post("/admin/people/user/add/")) == "/"


def test_a_kept_form_is_told_where_to_go(client_of, dana):
    browser = client_of(dana)
    answer = browser.post("/notifications/read/", headers={"x-whole-page": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/notifications/")
    stranger = Client().post(
        "/notifications/read/",
        headers={
            "x-whole-page": "true",
            "hx-current-url": "http://testserver/notifications/?kind=new",
        },
    )
    assert stranger.status_code == 401
    assert back(stranger) == "/notifications/?kind=new"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/login/", 200),
        ("get", "/admin/", 302),
        ("get", "/nothing/", 404),
        ("get", "/healthz", 200),
        ("options", "/admin/login/", 302),
        ("post", "/logout/", 403),
    ],
)
def test_every_answer_has_the_headers(db, method, path, status):
    response = getattr(Client(enforce_csrf_checks=True), method)(path)
    assert response.status_code == status
    expected = {
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    assert {name: response.headers.get(name) for name in expected} == expected
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert {"Server", "X-Powered-By", "Access-Control-Allow-Origin"} & set(
        response.headers
    ) == set()


def test_a_session_that_ends_while_a_page_is_made_keeps_nobody_from_the_page(rf, dana):
    """Logged out in another tab, or the database is busy as the session is to be extended."""
    request = rf.get("/")
    request.session = SessionStore()
    request.session.create()

    def page(request: HttpRequest) -> HttpResponse:
        request.session["renewed"] = 0
        SessionStore(request.session.session_key).delete()
        return HttpResponse("the page")

    response = Sessions(page).process_response(request, page(request))
    assert response.content == b"the page"
