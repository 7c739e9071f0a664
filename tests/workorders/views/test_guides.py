"""Help: the guides of docs/guides as pages, for whoever may read work orders."""

import re

import pytest
from django.contrib.staticfiles import finders

from tests import ROOT
from tests.pages import html_of
from workorders.views.guides import GUIDES

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_each_person_finds_the_guide_that_is_meant_for_them(client_of, dana, tess, staff):
    assert "<h1>For technicians</h1>" in html_of(client_of(tess).get("/help/"))
    assert "<h1>For partners</h1>" in html_of(client_of(dana).get("/help/"))
    assert "<h1>For staff</h1>" in html_of(client_of(staff).get("/help/"))
    assert 'href="/help/"' in html_of(client_of(staff).get("/admin/"))


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_has_its_chapters_and_its_pictures(client_of, dana, name):
    text = (ROOT / f"docs/guides/{name}.md").read_text()
    page = html_of(client_of(dana).get(f"/help/{name}/"))
    assert re.findall(r'<h2 id="(.*?)">', page) == re.findall(r'<a href="#(.*?)">', page)
    assert page.count("<h2 ") == text.count("\n## ") > 2
    pictures = re.findall(r'<img src="/static/(guides/.*?)" alt=".+?" loading="lazy" width', page)
    assert len(pictures) == text.count("![") > 0
    assert all(finders.find(picture) for picture in pictures)


def test_every_picture_is_in_a_guide_and_small():
    guides = "".join(path.read_text() for path in (ROOT / "docs/guides").glob("*.md"))
    for picture in (ROOT / "docs/guides/pictures").iterdir():
        assert f"(pictures/{picture.name})" in guides
        assert picture.stat().st_size < 15_000  # a page with two of them stays below 75 KiB
