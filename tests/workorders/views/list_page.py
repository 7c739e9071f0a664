"""The page /work-orders/ as tests read it."""

import datetime as dt
import html
import re

from tests.factories import (
    fresh,
    make_accepted,
    make_dana,
    make_omar,
    make_site,
    make_staff,
    make_territory,
    make_work_order,
    ship,
)
from tests.pages import html_of
from tests.workorders.any_state import MONDAY
from workorders.models import WorkOrder
from workorders.services import Booking, book_appointment, cancel

LIST = "/work-orders/"
HTMX = {"HX-Request": "true"}


def text_of(response) -> str:
    return html.unescape(html_of(response))


def numbers(response) -> list[str]:
    return re.findall(r'<tr id="([^"]+)"', text_of(response))


def chips(response) -> dict[str, tuple[int, str]]:
    """Each chip's count and address."""
    ways = re.search(r'<ul class="ways">.*?</ul>', text_of(response), re.DOTALL)[0]
    link = r'<a href="([^"]*)"[^>]*>\s*(?:<svg.*?</svg>)?([^<]*) <b>(\d+)</b>'
    found = re.findall(link, ways, re.DOTALL)
    return {label: (int(count), url) for url, label, count in found}


def needs(response) -> dict[str, tuple[int, str]]:
    """What waits, as the page says it: each count and address."""
    found = re.search(r'<nav class="needs".*?</nav>', text_of(response), re.DOTALL)
    rows = re.findall(r'<a href="([^"]*)"[^>]*>([^<]*) <b>(\d+)</b>', found[0] if found else "")
    return {label: (int(count), url) for url, label, count in rows}


def seven_work_orders() -> dict[str, WorkOrder]:
    """Six of VoltFix and one of Amped, on Monday morning."""
    dana, omar = make_dana(), make_omar()
    munich = make_site(
        "Parkhaus Süd", "Stadtwerke", city="München", country="DE", time_zone="Europe/Berlin"
    )
    bavaria = make_territory("DE-BY", "DE", "BY")
    made = {
        "assigned": make_work_order("WO-1"),
        "waiting": make_accepted(dana, number="WO-2", site=munich, territory=bavaria),
        "shipped": make_accepted(
            dana, number="WO-3", subject="Install modem", work_type="installation"
        ),
        "late": make_accepted(
            dana, number="WO-4", parts_required=False, assigned_on=MONDAY - dt.timedelta(days=7)
        ),
        "booked": make_accepted(dana, number="WO-5", parts_required=False),
        "canceled": make_work_order("WO-6"),
        "theirs": make_accepted(
            omar, number="WO-7", subject="Not yours", site=make_site("Elsewhere", "Their account")
        ),
    }
    ship(
        made["shipped"], carrier="", service="", estimated_delivery_on=MONDAY + dt.timedelta(days=9)
    )
    at = dt.datetime(2026, 3, 3, 18, tzinfo=dt.UTC)
    book_appointment(fresh(made["booked"]), Booking(at, "Tess", "+1 415 555 0188"), by=dana)
    cancel(fresh(made["canceled"]), comment="The fault cleared.", by=make_staff())
    return {name: fresh(work_order) for name, work_order in made.items()}
