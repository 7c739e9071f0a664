"""Pages killed while one chooses, types and sends, over a connection that is cut at the socket:
what the device has kept and what the portal has are one, and each is there once.
"""

import json
from collections.abc import Iterator
from random import Random

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import session_of
from tests.browser.test_nothing_typed_is_lost import STORED
from tests.browser.wire import Wire
from tests.factories import make_accepted
from tests.workorders.services.files.test_photos import photo
from workorders.models import Comment, File, WorkOrder


@pytest.fixture
def row(portal, dana) -> WorkOrder:
    return make_accepted(dana, parts_required=False, line_items=("Lock out",))


@pytest.fixture
def wire(portal) -> Iterator[Wire]:
    made = Wire(portal)
    yield made
    made.close()


@pytest.fixture
def context(browser, wire, dana) -> Iterator[BrowserContext]:
    made = browser.new_context(base_url=wire.url, locale="en-US")
    made.set_default_timeout(10_000)
    made.add_cookies([session_of(dana, wire.url)])
    yield made
    made.close()


def opened(context: BrowserContext, row: WorkOrder) -> Page:
    """Collaborate, once what was kept is back in its form."""
    page = context.new_page()
    page.goto(f"/work-orders/{row.number}/collaborate/", wait_until="domcontentloaded")
    page.wait_for_function("typeof restored !== 'undefined'")
    page.evaluate("Promise.race([restored, new Promise((go) => setTimeout(go, 5000))])")
    return page


def test_a_page_killed_at_any_point_loses_nothing_and_sends_nothing_twice(
    context, row, wire, full_size
):
    for n in range(200 if full_size else 10):
        chance = Random(n)
        page = opened(context, row)
        is_sent = killed_page(page, wire, chance, f"Words {n}")
        again = opened(context, row)
        kept = json.loads(again.evaluate(STORED))
        fields = kept[0]["fields"] if kept else []
        words = dict(fields).get("body", f"Words {n}")
        chosen = [name for name, _ in fields].count("uploads")
        is_back = bool(kept and words)
        if is_back:
            send(again, words)
        written = Comment.objects.filter(body=words)
        assert written.count() == (is_back or is_sent), n
        if is_back:
            assert File.objects.filter(comment__in=written).count() == chosen, n
        else:
            again.evaluate("inStore((forms) => forms.clear())")
        again.close()


def killed_page(page: Page, wire: Wire, chance: Random, words: str) -> bool:
    """Whether Send was pressed before that."""
    wire.cut = chance.choice(["", "half", "unanswered"])
    if chance.random() < 0.5:
        one = {"name": f"{words}.png", "mimeType": "image/png", "buffer": photo("PNG")}
        page.locator("[data-photos]").set_input_files([one])
        page.wait_for_timeout(chance.randint(0, 60))
    if is_typed := chance.random() < 0.9:
        page.locator("textarea[name=body]").fill(words)
        page.wait_for_timeout(chance.randint(0, 60))
    if is_sent := is_typed and chance.random() < 0.8:
        page.get_by_role("button", name="Send", exact=True).click()
        page.wait_for_timeout(chance.randint(0, 400))
    page.close()
    wire.cut = ""
    return is_sent


def send(page: Page, words: str) -> None:
    """The author sends what the page has brought back, and finds nothing kept any more."""
    expect(page.locator("textarea[name=body]")).to_have_value(words)
    with page.expect_navigation():
        page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".thread")).to_contain_text(words)
    assert page.evaluate(STORED) == "[]"
