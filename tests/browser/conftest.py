"""A real browser against a live server: Debian's chromium, its console watched, axe at hand."""

import datetime as dt
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from portal.people.models import User
from tests.factories import PASSWORD, make_accepted, make_carrier_service, make_work_order, ship
from workorders.models import WorkOrder

expect.set_options(timeout=10_000)  # a busy machine is no failure
QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
RULES = {
    "preload": False,  # no rule of these reads style sheets by itself
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
}
LOOKS = pytest.mark.parametrize(
    ("theme", "width"),
    [("light", 1280), ("dark", 320), pytest.param("light", 390, marks=pytest.mark.nightly)],
)
A_TUESDAY = dt.datetime(2026, 11, 10, 18, tzinfo=dt.UTC)  # ten in the morning at the sites


@pytest.fixture(autouse=True)
def _a_working_day() -> Iterator[None]:
    """Whenever the tests run: none of them passes midnight, a weekend or a holiday by accident."""
    with time_machine.travel(A_TUESDAY):
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """By the machine's own clock also under tests/odd_days: a browser does not start without."""
    env = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
    quiet = [*QUIET.split(), "--disable-component-update", "--disable-sync"]
    return {"executable_path": "/usr/bin/chromium-headless-shell", "args": quiet, "env": env}


@pytest.fixture
def portal(real_transactions, live_server) -> str:
    return live_server.url


@pytest.fixture
def opened(browser: Browser, portal: str) -> Iterator[Callable[..., Page]]:
    """Open a page as a person; whatever the console says fails the test."""
    contexts: list[BrowserContext] = []
    said: list[str] = []

    def open_page(user: User | None = None, **options: Any) -> Page:
        context = browser.new_context(base_url=portal, locale="en-US", **options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        if user:
            context.add_cookies([session_of(user, portal)])
        page = context.new_page()
        page.on("console", lambda message: said.append(f"{page.url}: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"{page.url}: {error}"))
        return page

    yield open_page
    for context in contexts:
        context.close()
    own = (
        "status of 4",
        "net::ERR_",
        "htmx:afterRequest",
        "htmx:sendError",
        "Autofocus processing was blocked",
    )  # on a 409 or 422, on a lost connection, where the address names a place on the page
    assert [line for line in said if not any(remark in line for remark in own)] == []


@pytest.fixture
def office(browser: Browser, portal, admin_user) -> Iterator[Page]:
    """A page of staff's whose console nobody watches: stock widgets set styles that our policy
    refuses.
    """
    context = browser.new_context(base_url=portal, locale="en-US")
    context.add_cookies([session_of(admin_user, portal)])
    yield context.new_page()
    context.close()


def save_in_admin(page: Page) -> None:
    """Press the first button of the admin's form, and wait for the page that follows."""
    with page.expect_navigation():
        page.locator(".submit-row [type=submit]").first.click()


def log_in(page: Page, user: User) -> None:
    """By the form, as people do."""
    page.goto("/login/")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/work-orders/")


def session_of(user: User, portal: str) -> dict[str, str]:
    """The cookie of someone who is logged in: most tests are about what comes then."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": portal}


def violations(page: Page) -> list[str]:
    """What axe finds wrong on the page as it is now, with the elements."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


@pytest.fixture
def new(portal, dana) -> WorkOrder:
    """Assigned to VoltFix today."""
    make_carrier_service()
    return make_work_order(
        "WO-00100208",
        partner=dana.partner,
        assigned_on=timezone.now().date(),
        line_items=("Lock out", "Replace", "Verify"),
    )


@pytest.fixture
def shipped(portal, dana) -> WorkOrder:
    """Accepted by Dana, its part due in two days: there is a target."""
    work_order = make_accepted(
        dana, number="WO-00100231", assigned_on=timezone.now().date() - dt.timedelta(days=1)
    )
    ship(
        work_order,
        estimated_delivery_on=timezone.now().date() + dt.timedelta(days=2),
        tracking_number="786601034275",
    )
    return work_order
