"""The package `holidays` is never loaded to answer a request: it takes a fifth of a second and much
memory.
"""

import subprocess
import sys
from typing import Any

import pytest
from django.urls import reverse

from tests.factories import make_accepted, make_territory
from tests.workorders.admin.calendars import TUESDAY, closing, url

pytestmark = pytest.mark.once

LOAD_ALL = (
    "import django, sys; django.setup();"
    "from django.urls import get_resolver; get_resolver().url_patterns;"
    "import workorders.tasks, workorders.services.setting_up, workorders.targets.checks;"
    "print('holidays' in sys.modules)"
)


@pytest.fixture
def without_holidays(monkeypatch) -> None:
    """An import of it fails from now on, wherever it is written."""
    monkeypatch.setitem(sys.modules, "holidays", None)


def test_nothing_loads_it_at_the_start():
    env = {"DJANGO_SETTINGS_MODULE": "portal.settings", "DEBUG": "1"}
    done = subprocess.run(
        [sys.executable, "-c", LOAD_ALL], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


def test_no_page_of_calendars_and_service_levels_loads_it(
    client_of, admin_user, staff, dana, request
):
    territory = make_territory()
    make_accepted(dana, parts_required=False)
    proposal, rejected = (closing(territory, TUESDAY, by=staff) for _ in range(2))
    request.getfixturevalue("without_holidays")
    client = client_of(admin_user)
    new = {
        "name": "New",
        "country": "US",
        "first": "2026-01-01",
        "last": "2027-12-31",
        "weekend": [5, 6],
    }
    level = {"name": "Assure", "business_days": "2", "start_without_parts": "assigned", "seen": "1"}
    close = {"first": "2026-12-24", "last": "2027-01-02", "name": "Shutdown"}
    posts: list[tuple[str, dict[str, Any]]] = [
        (url("serviceterritory_add"), new),
        (url("serviceterritory_change", territory.pk), new | {"name": "USA"}),
        (url("serviceterritory_close", territory.pk), close),
        (
            url("serviceterritory_open", territory.pk),
            {"day": "2026-11-11", "twin": "on", "every_year": "on"},
        ),
        (url("serviceterritory_move", territory.pk), {"day": "2026-07-03", "to": "2026-07-06"}),
        (url("serviceterritory_week", territory.pk), {"weekend": [5, 6], "last": "2031-12-31"}),
        (
            url("calendarproposal_change", proposal.pk),
            {"lines": [proposal.days.get().pk], "_approve": "1"},
        ),
        (url("calendarproposal_change", rejected.pk), {"_reject": "1"}),
        (
            url("entitlement_change", territory.work_orders.get().entitlement_id),
            level | {"_confirmed": "1"},
        ),
    ]
    assert [client.post(address, data).status_code for address, data in posts] == [302] * len(posts)
    pages = [address for address, _ in posts] + [
        reverse("admin:index"),
        url("calendarproposal_changelist"),
    ]
    assert [client.get(address).status_code for address in pages] == [200] * len(pages)


def test_the_block_does_block(db, without_holidays):
    with pytest.raises(ImportError):
        make_territory("DE-BW", "DE", "BW")
