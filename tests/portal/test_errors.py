"""Error pages: in our look, saying what to do next, and not one of them needs what may just be
broken.
"""

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import path

from portal.urls import urlpatterns as portal_urls
from tests.pages import html_of, mismatches

pytestmark = pytest.mark.once


def broken(request):
    raise RuntimeError("secret detail")


broken.login_required = False
urlpatterns = [*portal_urls, path("broken/", broken)]


def test_500_says_what_to_do_and_nothing_of_the_cause(settings, db):
    settings.ROOT_URLCONF = __name__
    response = Client(raise_request_exception=False).get("/broken/")
    page = html_of(response)
    assert response.status_code == 500
    assert (
        mismatches(page, 'open <a href="/">your work orders</a>', without=["secret detail"]) == []
    )
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "429", "500", "503"])
def test_error_page_needs_no_database_and_no_context(code):
    """No `db` fixture: a query would fail."""
    page = render_to_string(f"{code}.html")
    assert mismatches(page, "<h1", without=[" style=", "<script>"]) == []
    assert '<a href="/">' in page or "/login/" in page


def test_400_answers_a_wrong_host(client):
    response = client.get("/login/", headers={"host": "evil.example"})
    assert (response.status_code, mismatches(response, "Nothing was changed")) == (400, [])


def test_403_tells_a_partner_how_to_go_on(client_of, dana):
    response = client_of(dana).get("/admin/")
    assert (response.status_code, mismatches(response, "Nothing was changed")) == (403, [])


@pytest.mark.parametrize(
    "address",
    ["/nothing/", "/work-orders/%00/", "/%2e%2e/etc/passwd", "/x%0aFAKE", "/" + "x" * 8000],
)
def test_404_answers_whatever_is_not_there(client_of, dana, address):
    response = client_of(dana).get(address)
    assert (response.status_code, mismatches(response, "Page not found")) == (404, [])
