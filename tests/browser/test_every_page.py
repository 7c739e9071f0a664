"""Every page under axe, in light and dark, on a desk and on a phone; nothing is wider than the
narrowest screen.
"""

import pytest

from tests.browser.conftest import violations
from workorders import services
from workorders.states import Channel

pytestmark = pytest.mark.slow

PAGES = [
    "/work-orders/",
    "/work-orders/?q=nothing-like-this",
    "/work-orders/{late}/",
    "/work-orders/{late}/related/",
    "/work-orders/{late}/rma-fso/",
    "/work-orders/{late}/collaborate/",
    "/work-orders/{late}/history/",
    "/work-orders/{late}/receipt/",
    "/work-orders/{late}/parts-received/",
    "/work-orders/{late}/could-not-complete/",
    "/work-orders/{late}/request-assistance/",
    "/work-orders/{late}/second-poc/",
    "/schedule/",
    "/scorecard/",
    "/scorecard/work-orders/?figure=missed",
    "/notifications/",
    "/notifications/choices/",
    "/help/",
    "/work-orders/{new}/",
    "/work-orders/{new}/accept/",
    "/security/",
    "/security/authenticator-app/",
    "/no-such-page/",
    "/logout/",
]
STRANGERS_PAGES = ["/login/", "/password/reset/"]


@pytest.fixture
def urls(shipped, new, dana) -> list[str]:
    at = shipped.ledger.first().at
    booking = services.Booking(at, "Tess Moreno", "+1 415 555 0188", confirmed_past=at.date())
    services.book_appointment(shipped, booking, by=dana)
    services.comment(shipped, body="POC asks for the morning.", by=dana)
    services.request_assistance(shipped, body="Nobody answers the door.", by=dana)
    for _ in range(services.IN_VAIN):
        services.log_contact(
            shipped, channel=Channel.CALL, reached=False, note="rang long", by=dana
        )
    return [page.format(late=shipped.number, new=new.number) for page in PAGES]


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing(opened, urls, dana, theme, width):
    look = {"color_scheme": theme, "viewport": {"width": width, "height": 800}}
    dana_sees, stranger_sees = opened(dana, **look), opened(None, **look)
    wrong = []
    for page, pages in ((dana_sees, urls), (stranger_sees, STRANGERS_PAGES)):
        for url in pages:
            page.goto(url)
            wrong += [f"{url} {violation}" for violation in violations(page)]
    assert wrong == []


def test_words_of_the_thread_keep_off_the_edge_of_their_card(opened, urls, shipped, dana):
    page = opened(dana)
    page.goto(f"/work-orders/{shipped.number}/collaborate/")
    cards = page.locator(".thread > li")
    assert (
        cards.evaluate_all(
            "found => found.map(el => parseFloat(getComputedStyle(el).paddingLeft) >= 12)"
        )
        == [True] * 2
    )


def test_nothing_is_lost_at_any_width(opened, urls, dana):
    page = opened(dana)
    wide = []
    for url in urls:
        page.goto(url)
        for width in (320, 390, 640, 768, 960, 1024, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            if (needed := page.evaluate("document.scrollingElement.scrollWidth")) > width:
                wide.append((url, width, needed))
    assert wide == []


def test_a_first_visit_is_light(opened, urls, dana):
    """At most six requests; with compression at most 60 KiB (what is served here is not compressed,
    so count files).
    """
    page = opened(dana)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto("/work-orders/")
    assert len(requests) <= 6
