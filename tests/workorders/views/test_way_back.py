"""The list that one came from is found again: no link or form of a work order's pages loses it,
and no answer does.
"""

import re
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from tests.factories import book_on, fresh, make_accepted
from tests.pages import html_of
from workorders import services

pytestmark = pytest.mark.once

FILTERED = "status=shipped&territory=US-Federal&sort=number"
BACK = urlencode({"back": FILTERED})
TABS = ["work-order", "related", "rma-fso", "collaborate", "history", "log-contact"]
OUT = re.compile(r"files/[0-9a-f-]{36}/(small/)?$|\.csv$|\.xlsx$|\.ics$|/technician/$")  # no pages


def of(work_order, html: str) -> list[str]:
    """The addresses on the page that lead to a page of this work order, or send a form to one."""
    found = re.findall(r'(?:href|action|hx-post|data-reload)="([^"#]*)', html)
    own = [url for url in found if url.startswith(f"/work-orders/{work_order.number}/")]
    return [url for url in own if not OUT.search(url.partition("?")[0])]


@pytest.fixture
def at_work(dana, tess, clock):
    row = book_on(make_accepted(dana, parts_required=False, line_items=("Replace",)), tess)
    services.start_visit(row, by=dana)
    services.request_assistance(row, body="Nobody answers", by=dana)
    for _ in range(services.IN_VAIN):
        services.log_contact(row, channel="call", reached=False, note="", by=dana)
    return fresh(row)


@pytest.mark.parametrize("person", ["dana", "tess"])
def test_every_link_and_form_of_the_pages_leads_back(at_work, person, client_of, request):
    browser = client_of(request.getfixturevalue(person))
    lost = []
    for name in [tab for tab in TABS if tab != "log-contact"]:
        page = html_of(browser.get(f"{reverse(name, args=[at_work.number])}?{BACK}"))
        addresses = of(at_work, page)
        assert len(addresses) > 5
        lost += [url for url in addresses if "back=status%3Dshipped" not in url]
    assert lost == []


@pytest.mark.parametrize(
    ("name", "args", "typed"),
    [
        ("comment", [], {"body": "Which gate?"}),
        ("note-requirements", [], {"text": "A ladder"}),
        ("log-contact", [], {"attempt_kind": "call-reached"}),
        ("tick-line-item", [1], {}),
        ("end-visit", [], {"outcome": "done"}),
    ],
)
def test_the_answer_to_every_action_leads_back(at_work, dana, client_of, name, args, typed):
    address = f"{reverse(name, args=[at_work.number, *args])}?{BACK}"
    sent = {"version": at_work.version} | typed
    page = client_of(dana).post(address, sent, follow=True)
    assert page.status_code == 200
    list_of = f"/work-orders/?{FILTERED.replace('&', '&amp;')}#{at_work.number}"
    assert f'<a class="crumb" href="{list_of}">' in html_of(page)
