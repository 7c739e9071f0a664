"""Logged in again in another tab: pages from before go on, where the same person is logged in."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from portal.people.models import User
from tests.browser.conftest import session_of
from tests.browser.test_nothing_typed_is_lost import BODY, opened, typed
from tests.factories import make_accepted
from tests.workorders.services.files.test_photos import photo
from workorders.models import Comment, WorkOrder


@pytest.fixture
def row(portal, dana) -> WorkOrder:
    return make_accepted(dana, parts_required=False, line_items=("Lock out", "Replace"))


@pytest.fixture
def context(browser, portal, dana) -> Any:
    made = browser.new_context(base_url=portal, locale="en-US")
    made.set_default_timeout(10_000)
    made.add_cookies([session_of(dana, portal)])
    yield made
    made.close()


def log_in_elsewhere(context: BrowserContext, person: User, portal: str) -> None:
    context.clear_cookies()
    context.add_cookies([session_of(person, portal)])


def test_what_is_typed_is_saved_all_the_same(context, row, dana, portal):
    page = opened(context, row)
    typed(page)
    log_in_elsewhere(context, dana, portal)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".thread")).to_contain_text(BODY)


def test_someone_else_logged_in_in_another_tab_sends_nothing_of_mine(context, row, omar, portal):
    page = opened(context, row)
    typed(page)
    log_in_elsewhere(context, omar, portal)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("nothing was sent")
    assert Comment.objects.count() == 0


def test_ticks_files_and_buttons_are_taken_too(context, row, dana, portal, tmp_path: Path):
    (tmp_path / "one.jpg").write_bytes(photo())
    page, job = opened(context, row, "related"), context.new_page()
    job.goto(f"/work-orders/{row.number}/")
    log_in_elsewhere(context, dana, portal)
    page.locator("#tick-1").click()
    expect(page.locator("[data-item='1'] details")).to_be_visible()
    log_in_elsewhere(context, dana, portal)
    page.locator("#upload [name=uploads]").set_input_files(tmp_path / "one.jpg")
    expect(page.locator("#file-list")).to_contain_text("one.jpg")
    job.get_by_role("button", name="Start work").first.click()
    expect(job.locator("#messages")).to_contain_text("Work has begun")
    log_in_elsewhere(context, dana, portal)
    job.locator("#user-menu summary").click()
    job.get_by_role("button", name="Log out").click()
    job.wait_for_url("**/login/**")


def test_what_was_cut_on_the_page_of_the_files_is_sent_again(context, row):
    """Its scripts are several, each with functions of its own."""
    page = opened(context, row, "related")
    page.get_by_label("Requirements of your own").fill("A lift")
    context.set_offline(True)
    page.locator("form:has([name=text]) button").last.click()
    expect(page.locator("[data-kept]")).to_be_visible()
    context.set_offline(False)
    expect(page.locator("#messages")).not_to_be_empty()
    row.refresh_from_db()
    assert row.partner_notes == "A lift"
