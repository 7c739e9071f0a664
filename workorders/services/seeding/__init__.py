"""Demo data around today, the same for the same seed and day, in small and large amounts."""

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from workorders.services.seeding.copying import have_room
from workorders.services.seeding.names import work_order_number
from workorders.services.seeding.notifying import notify_of_recent_steps
from workorders.services.seeding.people import PASSWORD, cast_of, demo_partners, make_accounts
from workorders.services.seeding.repertoire import SCENARIOS
from workorders.services.seeding.world import STORIES, World
from workorders.services.setting_up import set_up

__all__ = ["DEFAULT_WORK_ORDERS", "PASSWORD", "Seeded", "seed_demo"]

DEFAULT_WORK_ORDERS = 2 * len(SCENARIOS)  # each scenario for both partners
BATCH = 5000


class Seeded(NamedTuple):
    """What a run has added."""

    partners: int
    work_orders: int
    accounts: list[str]


def seed_demo(
    *,
    work_orders: int = DEFAULT_WORK_ORDERS,
    partners: int = 2,
    seed: int = 1,
    today: dt.date | None = None,
    accounts: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> Seeded:
    """Add the demo data that is missing, without changing work orders that exist.

    Without `today` the dates are around each site's own today. Each batch is a transaction, so that
    an interrupted run can continue. Raises CalendarError when the territories' calendars do not
    cover the dates.
    """
    now = timezone.now()
    with transaction.atomic():
        set_up((today or now.date()).year)
        companies = demo_partners(partners)
        made = make_accounts() if accounts else []
        world = World(cast_of(companies), seed, today, now)
    added = 0
    if work_orders > STORIES:
        have_room()
    for start in range(1, work_orders + 1, BATCH):
        numbers = world.missing(range(start, min(start + BATCH, work_orders + 1)))
        with transaction.atomic():
            copies = world.copies(numbers)
        with world.copier.checks(copies), transaction.atomic():
            world.copier.write(copies)
            if made and start == 1:
                first = [work_order_number(n) for n in numbers[:DEFAULT_WORK_ORDERS]]
                notify_of_recent_steps(first, now)
        added += len(numbers)
        progress(start + BATCH - 1)
    return Seeded(len(companies), added, made)
