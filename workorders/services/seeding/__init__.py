"""Demo data around today, the same for the same seed and day, in small and large amounts."""

import datetime as dt
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from workorders.models import (
    Account,
    CarrierService,
    Entitlement,
    ServiceTerritory,
    Site,
    Station,
    WorkOrder,
)
from workorders.services.seeding.notifying import notify_of_recent_steps
from workorders.services.seeding.people import PASSWORD, cast_of, demo_partners, make_accounts
from workorders.services.seeding.places import PLACES
from workorders.services.seeding.repertoire import SCENARIOS, Scenario
from workorders.services.seeding.scenarios import Props
from workorders.services.seeding.storing import have_room, store_stories
from workorders.services.seeding.story import Cast, Story
from workorders.services.seeding.templates import Identity, Template
from workorders.services.seeding.texts import TASKS_WITH_PARTS, TASKS_WITHOUT_PARTS, Task
from workorders.services.setting_up import set_up

__all__ = ["DEFAULT_WORK_ORDERS", "PASSWORD", "Seeded", "seed_demo"]

DEFAULT_WORK_ORDERS = 2 * len(SCENARIOS)  # each scenario for both partners
BATCH = 1000
FIRST_NUMBER = 200_000
STATIONS_PER_SITE = 12
STORIES = 3000  # about as many are written; after that they repeat at other sites and stations
VISITS_PER_SITE = 30  # a partner's work orders at a site, before another site like it opens
RECENT, LONG_AGO = (4, 9), (4, 220)  # business days since ended work was due


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
            store_stories(world.copies(numbers))
            if made and start == 1:
                first = [work_order_number(n) for n in numbers[:DEFAULT_WORK_ORDERS]]
                notify_of_recent_steps(first, now)
        added += len(numbers)
        progress(start + BATCH - 1)
    return Seeded(len(companies), added, made)


def work_order_number(n: int) -> str:
    return f"WO-{FIRST_NUMBER + n:08}"


class World:
    """What all stories share."""

    def __init__(
        self, casts: list[Cast], seed: int, today: dt.date | None, now: dt.datetime
    ) -> None:
        self.casts, self.seed, self.today, self.now = casts, seed, today, now
        self.territories = {row.name: row for row in ServiceTerritory.objects.all()}
        self.entitlements = {row.name: row for row in Entitlement.objects.all()}
        self.services = list(CarrierService.objects.order_by("carrier", "service"))
        # the number of stories after which partners and places repeat
        self.stories = len(casts) * len(PLACES) * STATIONS_PER_SITE
        self.stories *= max(1, STORIES // self.stories)
        self.templates: dict[int, Template] = {}
        names = {place.account for place in PLACES}
        self.accounts = {name: Account.objects.get_or_create(name=name)[0] for name in names}

    def missing(self, numbers: range) -> list[int]:
        names = [work_order_number(n) for n in numbers]
        existing = set(WorkOrder.objects.filter(number__in=names).values_list("number", flat=True))
        return [n for n, name in zip(numbers, names, strict=True) if name not in existing]

    def copies(self, numbers: Sequence[int]) -> list[tuple[Template, Identity]]:
        """For each number its story, written when it is needed, and what differs in this copy."""
        stations = self._stations(numbers)
        return [(self._template(n, stations[n]), self._identity(n, stations[n])) for n in numbers]

    def _template(self, n: int, station: Station) -> Template:
        story_n = (n - 1) % self.stories + 1
        if story_n not in self.templates:
            self.templates[story_n] = Template(self._story(story_n, station), story_n)
        return self.templates[story_n]

    def _identity(self, n: int, station: Station) -> Identity:
        place = PLACES[self._where(n)[0]]
        reporter = f"{place.poc_name} of {place.account}, {station.site.name}"
        description = f"Reported by {reporter}: {station.location_note}."
        return Identity(n, work_order_number(n), f"{40_000_000 + 7 * n:08}", station, description)

    def _story(self, n: int, station: Station) -> Story:
        random = Random(self.seed * 100_000_007 + n)  # noqa: S311
        round_, partner = divmod(n - 1, len(self.casts))
        scenario, (fewest, most) = SCENARIOS[round_ % len(SCENARIOS)], RECENT
        if round_ >= len(SCENARIOS):
            (scenario,), (fewest, most) = random.choices(SCENARIOS, WEIGHTS), LONG_AGO
        tasks = TASKS_WITH_PARTS if scenario.parts else TASKS_WITHOUT_PARTS
        task = random.choice([task for task in tasks if station.model in task.models])
        work_order = self._work_order(n, scenario, task, station, random=random)
        today = self.today or self.now.astimezone(station.site.zone).date()
        story = Story(work_order, task, self.casts[partner], today, random)
        scenario.play(story, Props(random.choice(self.services), random.randint(fewest, most)))
        return story

    def _work_order(
        self, n: int, scenario: Scenario, task: Task, station: Station, *, random: Random
    ) -> WorkOrder:
        partner, place = self.casts[(n - 1) % len(self.casts)].partner, PLACES[self._where(n)[0]]
        first_name = place.poc_name.split()[0].lower().encode("ascii", "ignore").decode()
        return WorkOrder(
            number=work_order_number(n),
            version=0,
            subject=f"{task.subject} - {station.model}",
            work_type=task.work_type,
            partner=partner,
            site=station.site,
            station=station,
            territory=self.territories[place.territory],
            entitlement=self.entitlements[scenario.entitlement],
            parts_required=scenario.parts,
            images_required=random.random() < 0.6,
            return_parts_required=scenario.parts and random.random() < 0.4,
            poc_name=place.poc_name,
            poc_phone=place.poc_phone,
            poc_email=f"{first_name}@site.example",
            access_notes=place.access_notes,
        )

    def _where(self, n: int) -> tuple[int, int, int]:
        """The indexes of the place, of the site among those like it, and of the station there."""
        round_ = (n - 1) // len(self.casts)
        visit, place = divmod(round_ + (n - 1) % len(self.casts) * 5, len(PLACES))
        return place % len(PLACES), visit // VISITS_PER_SITE, visit % STATIONS_PER_SITE

    def _stations(self, numbers: Sequence[int]) -> dict[int, Station]:
        """The station of each work order; missing ones are created, with their sites."""
        where = {n: self._where(n) for n in numbers}
        serials = {spot: _serial(*spot) for spot in sorted(set(where.values()))}
        existing = Station.objects.filter(serial__in=serials.values())
        stations = {row.serial: row for row in existing.select_related("site__account")}
        missing = [spot for spot, serial in serials.items() if serial not in stations]
        sites = self._sites({spot[:2] for spot in missing})
        fresh = [
            Station(
                site=sites[spot[:2]],
                serial=serials[spot],
                model=_model(*spot),
                location_note=_bay(spot[2]),
            )
            for spot in missing
        ]
        stations |= {station.serial: station for station in Station.objects.bulk_create(fresh)}
        return {n: stations[serials[spot]] for n, spot in where.items()}

    def _sites(self, wanted: set[tuple[int, int]]) -> dict[tuple[int, int], Site]:
        names = {key: _site_name(*key) for key in sorted(wanted)}
        found = Site.objects.select_related("account").filter(name__in=names.values())
        existing = {(site.account.name, site.name): site for site in found}
        sites = {key: existing.get((PLACES[key[0]].account, name)) for key, name in names.items()}
        fresh = {key: self._site(*key) for key, site in sites.items() if site is None}
        Site.objects.bulk_create(fresh.values())
        return {key: site or fresh[key] for key, site in sites.items()}

    def _site(self, place: int, copy: int) -> Site:
        p = PLACES[place]
        return Site(
            account=self.accounts[p.account],
            name=_site_name(place, copy),
            street=p.street,
            city=p.city,
            region=p.region,
            postal_code=p.postal_code,
            country=p.country,
            time_zone=p.time_zone,
        )


WEIGHTS = [scenario.weight for scenario in SCENARIOS]
MODELS = ("CP6000", "CT4000", "CPE250", "CPE280", "CT4020")


def _site_name(place: int, copy: int) -> str:
    return f"{PLACES[place].site} {copy + 1}" if copy else PLACES[place].site


def _serial(place: int, copy: int, station: int) -> str:
    return f"{700_000_000_000 + (copy * len(PLACES) + place) * 100 + station + 1:012}"


def _model(place: int, copy: int, station: int) -> str:
    return MODELS[(place + station) % len(MODELS)]


def _bay(station: int) -> str:
    return f"Level P{station // 4 + 1}, bay {station + 11}"
