"""Takes the pictures of docs/guides from a portal with demo data: `python -m tests.browser.pictures
http://127.0.0.1:8000`, while `make demo` runs.
"""

import datetime as dt
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests import ROOT

FOLDER = ROOT / "docs/guides/pictures"
PASSWORD = "demo-Portal-2026"
DANA, TESS = "dana@voltfix.example", "tess@voltfix.example"
STAFF = "staff@chargepoint.example"
LATE = dt.date.today() + dt.timedelta(days=45)  # noqa: DTZ011


class Picture(NamedTuple):
    name: str
    person: str
    open: Callable[[Page], object]
    clip: tuple[int, int, int, int]  # left, top, width and height of what is shown
    width: int = 1024  # of the screen


def show_the_question(page: Page) -> None:
    """Of a work order that nobody has booked yet, for a day beyond its target."""
    page.goto("/work-orders/?status=shipped")
    page.locator("#list tbody tr", has_text="Book").locator(
        "a[href^='/work-orders/WO']"
    ).first.click()
    form = page.locator("form:has([name=appointment_at])")
    form.locator("[name=appointment_at]").fill(f"{LATE:%Y-%m-%dT10:00}")
    form.locator("[name=technician_name]").fill("Tess Moreno")
    form.locator("[name=contact_phone]").fill("+1 415 555 0188")
    form.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Yes").click()


PICTURES = [
    Picture("question", DANA, show_the_question, (194, 18, 636, 420)),
    Picture("today", TESS, lambda page: page.goto("/today/"), (0, 240, 390, 440), 390),
    Picture("day", STAFF, lambda page: page.goto("/admin/"), (0, 60, 760, 400), 1280),
    Picture(
        "reasons",
        STAFF,
        lambda page: page.goto("/admin/workorders/missedslareason/"),
        (20, 310, 1030, 290),
        1280,
    ),
    Picture(
        "import",
        STAFF,
        lambda page: page.goto("/admin/workorders/workorder/import/work-orders/"),
        (0, 110, 800, 320),
    ),
]


def log_in(page: Page, person: str) -> None:
    page.goto("/login/")
    page.locator("[name=login]").fill(person)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[type=submit]").first.click()
    page.wait_for_url(lambda url: "/login/" not in url)


def keep(png: bytes, path: Path) -> None:
    """At three quarters of its size on a desk, where it is to be read beside the text."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    size = (picture.width * 3 // 4, picture.height * 3 // 4)
    picture.resize(size, Image.Resampling.LANCZOS).save(path, "WEBP", quality=30, method=6)


def main(portal: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium-headless-shell")
        for each in PICTURES:
            screen = {"width": each.width, "height": 700}
            page = browser.new_page(base_url=portal, viewport=screen, color_scheme="light")
            log_in(page, each.person)
            each.open(page)
            page.wait_for_timeout(500)
            left, top, width, height = each.clip
            clip = {"x": left, "y": top, "width": width, "height": height}
            keep(page.screenshot(clip=clip), FOLDER / f"{each.name}.webp")
            page.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
