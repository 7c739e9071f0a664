"""What the tests of calendars and service levels share: addresses, the sentences of a page,
proposals.
"""

import datetime as dt
import re
from html import unescape
from typing import Any

from django.urls import reverse

from portal.people.models import User
from tests.pages import html_of
from workorders.models import CalendarProposal, DayState, ServiceTerritory
from workorders.services.calendars.proposals import CalendarChange, propose
from workorders.states import DayKind

CLOSURE = DayState(DayKind.CLOSED, "Company closure")
TUESDAY, WEDNESDAY = dt.date(2026, 3, 10), dt.date(2026, 3, 11)


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:workorders_{name}", args=args)


def words(response: Any) -> str:
    """A page as it is read: without tags, in one line."""
    text = re.sub(r"<(script|style|svg).*?</\1>", " ", html_of(response), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def closing(territory: ServiceTerritory, *days: dt.date, by: User | None) -> CalendarProposal:
    return propose(territory, CalendarChange(dict.fromkeys(days, CLOSURE)), by=by)
