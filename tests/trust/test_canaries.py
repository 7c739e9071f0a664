"""Whoever follows every link, form and fragment from page to page, downloads and calendars too,
reads nothing of the other partner; nor do their mails say it.
"""

import html
import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

from portal.outbox.models import Message
from tests.pages import text_of
from tests.trust.world import NOBODY, World, every_address, path_of
from workorders.services.notifications.mailing import write_mails

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.no_waits]

LINKS = re.compile(r'(?:href|action|src|hx-get|hx-post|data-url)="([^"]+)"')
MOST = 400  # answers
SEARCHES = ["kestrel", "KESTREL-SN", "KESTREL-CASE", "KES1", "poc@kestrel.example", "Kestreltown"]
SHOWS_WHAT_WAS_ASKED = re.compile(r"[?&](?:amp;)?(?:q|next)=[^\"'&]*|“[^”]*”|value=\"[^\"]*\"")
BLIND = ["dispatcher", "manager", "technician", "not assigned", "no right", NOBODY]
SEEING = ["other partner", "other's technician", "staff", "looking", "superuser"]


def links_of(text: str, base: str) -> Iterator[str]:
    for link in LINKS.findall(text):
        parts = urlsplit(urljoin(base, html.unescape(link)))
        if not parts.netloc and "logout" not in parts.path and "/static/" not in parts.path:
            yield f"{parts.path}?{parts.query}" if parts.query else parts.path


def crawled(world: World, browser: Client, *, most: int) -> dict[str, str]:
    """What each page says, and each as a fragment; a page of a list or a calendar once."""
    addresses = sorted(every_address(), key=lambda each: each.route.startswith("admin/"))
    begin = [path_of(each, world.row) for each in addresses if "logout" not in each.route]
    begin += [path_of(each, world.foreign) for each in addresses if "<" in each.route]
    begin = [f"/work-orders/?q={words}" for words in SEARCHES] + begin
    ahead, seen, shapes = dict.fromkeys(begin), {}, set()
    while ahead and len(seen) < most:
        url = next(iter(ahead))
        del ahead[url]
        for headers in ({}, {"hx-request": "true"}):
            answer = browser.get(url, headers=headers)
            seen[f"{url} {headers}"] = said = text_of(answer)
            for link in links_of(said, url):
                path, _, query = link.partition("?")
                shape = path, *sorted(pair.partition("=")[0] for pair in query.split("&"))
                if shape not in shapes and link not in begin:
                    shapes.add(shape)
                    ahead[link] = None
    return seen


def logged_in(world: World, who: str) -> Client:
    browser = Client()
    if who != NOBODY:
        browser.force_login(world.people[who])
    return browser


def shows(text: str) -> bool:
    """But for what they have typed themselves, or put into the address."""
    return "kestrel" in SHOWS_WHAT_WAS_ASKED.sub("", text).casefold()


@pytest.mark.parametrize(
    "who", [pytest.param(w, marks=() if w == "dispatcher" else pytest.mark.nightly) for w in BLIND]
)
def test_nobody_reads_what_is_another_partners(world, who, figure, full_size):
    texts = crawled(world, logged_in(world, who), most=MOST * 4 if full_size else MOST)
    write_mails()
    if who != NOBODY:
        mails = Message.objects.filter(to=world.people[who].email)
        texts |= {f"mail {m.pk}": f"{m.subject} {m.body} {m.html}" for m in mails}
    found = [where for where, text in texts.items() if shows(text)]
    figure(f"{len(found)} of {len(texts):,} pages, files and mails as {who} show it")
    assert len(texts) > 300
    assert not found, "\n".join(found)


@pytest.mark.nightly
@pytest.mark.parametrize("who", SEEING)
def test_whoever_may_read_it_does(world, who):
    texts = crawled(world, logged_in(world, who), most=MOST)
    assert len([where for where, text in texts.items() if shows(text)]) > 5
