"""Where and for whom the work of the demo data is, and which story each work order repeats."""

import datetime as dt
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import NamedTuple

from workorders.models import (
    Account,
    CarrierService,
    Entitlement,
    ServiceTerritory,
    Site,
    Station,
    WorkOrder,
)
from workorders.services.seeding.copying import Copier, Copy
from workorders.services.seeding.names import MARKS, Names, digits_of, work_order_number
from workorders.services.seeding.places import PLACES, Place
from workorders.services.seeding.repertoire import SCENARIOS, Scenario
from workorders.services.seeding.scenarios import Props
from workorders.services.seeding.story import Cast, Story
from workorders.services.seeding.texts import TASKS_WITH_PARTS, TASKS_WITHOUT_PARTS, Task

STORIES = 3000  # are told at most; after that they repeat at other sites
VARIANTS = 8  # at most, of each scenario in the first round
STATIONS_PER_SITE = 12
STORIES_PER_SITE = 30
RECENT, LONG_AGO = (4, 9), (4, 220)  # business days since ended work was due
MODELS = ("CP6000", "CT4000", "CPE250", "CPE280", "CT4020")
WEIGHTS = [scenario.weight for scenario in SCENARIOS]
SKEW = 4.5  # the largest of 500 partners has 45,000 of a million work orders, the median one 900
GOLDEN = 0.6180339887498949  # its multiples fall evenly between whole numbers


class Spot(NamedTuple):
    """The indexes of a place, of the site among those like it, and of the station there."""

    place: int
    site: int
    station: int

    @property
    def model(self) -> str:
        return MODELS[(self.place + self.station) % len(MODELS)]

    @property
    def site_name(self) -> str:
        return (
            f"{PLACES[self.place].site} {self.site + 1}" if self.site else PLACES[self.place].site
        )

    @property
    def serial(self) -> str:
        site = self.site * len(PLACES) + self.place
        return f"{700_000_000_000 + site * 100 + self.station + 1:012}"

    @property
    def location_note(self) -> str:
        return f"Level P{self.station // 4 + 1}, bay {self.station + 11}"


class World:
    """What all stories share. Each partner has each scenario once, in the order of SCENARIOS; then
    the scenarios come as often as in life, and the first partners have far more work than the last.
    """

    def __init__(
        self, casts: list[Cast], seed: int, today: dt.date | None, now: dt.datetime
    ) -> None:
        self.casts, self.seed, self.today, self.now = casts, seed, today, now
        self.territories = {row.name: row for row in ServiceTerritory.objects.all()}
        self.entitlements = {row.name: row for row in Entitlement.objects.all()}
        self.services = list(CarrierService.objects.order_by("carrier", "service"))
        self.accounts = {
            name: Account.objects.get_or_create(name=name)[0]
            for name in dict.fromkeys(place.account for place in PLACES)
        }
        self.variants = min(VARIANTS, len(casts))
        self.first_stories = self.variants * len(SCENARIOS)
        # of each place, for all stories
        self.sites = -(-STORIES // (len(PLACES) * STORIES_PER_SITE))
        self.shares = list(accumulate(1 / (SKEW + rank) for rank in range(len(casts))))
        self.copier = Copier(casts[0].dispatcher)

    def missing(self, numbers: range) -> list[int]:
        names = {n: work_order_number(n) for n in numbers}
        rows = WorkOrder.objects.filter(number__in=names.values())
        existing = set(rows.values_list("number", flat=True))
        return [n for n, name in names.items() if name not in existing]

    def copies(self, numbers: Sequence[int]) -> list[Copy]:
        """Each work order as a copy of its story, which is told when it is needed."""
        plans = [self._plan(n) for n in numbers]
        for story in dict.fromkeys(story for story, _, _ in plans):
            if story not in self.copier.sizes:
                self.copier.tell(story, self._story(story))
        stations = self._stations({spot for _, _, spot in plans})
        return [
            Copy(
                story,
                cast.partner.pk,
                cast.dispatcher.pk,
                *stations[spot.serial],
                Names.of(digits_of(n), spot.site_name, spot.serial, spot.location_note),
            )
            for n, (story, cast, spot) in zip(numbers, plans, strict=True)
        ]

    def _plan(self, n: int) -> tuple[int, Cast, Spot]:
        """The story of this work order, its people and its station."""
        round_, partner = divmod(n - 1, len(self.casts))
        if round_ < len(SCENARIOS):
            repeat, variant = divmod(partner, self.variants)
            story = round_ * self.variants + variant
        else:
            others = STORIES - self.first_stories
            repeat, story = divmod(n - 1 - len(self.casts) * len(SCENARIOS), others)
            story += self.first_stories
            share = (n + self.seed) * GOLDEN % 1
            partner = bisect(self.shares, share * self.shares[-1])
        place, site, station = self._spot(story)
        return story, self.casts[partner], Spot(place, site + repeat * self.sites, station)

    def _spot(self, story: int) -> Spot:
        """Where a story happens first. The partners have a scenario at different places."""
        place = (story // self.variants + story % self.variants * 5) % len(PLACES)
        visit = story // len(PLACES)
        return Spot(place, visit // STORIES_PER_SITE, visit % STATIONS_PER_SITE)

    # --- Stories
    def _story(self, number: int) -> Story:
        random = Random(self.seed * 100_000_007 + number + 1)  # noqa: S311
        scenario, (fewest, most) = SCENARIOS[number // self.variants % len(SCENARIOS)], RECENT
        if number >= self.first_stories:
            (scenario,), (fewest, most) = random.choices(SCENARIOS, WEIGHTS), LONG_AGO
        spot = self._spot(number)
        tasks = TASKS_WITH_PARTS if scenario.parts else TASKS_WITHOUT_PARTS
        task = random.choice([task for task in tasks if spot.model in task.models])
        work_order = self._work_order(scenario, task, spot, random)
        today = self.today or self.now.astimezone(work_order.site.zone).date()
        story = Story(work_order, task, self.casts[0], today, random)
        scenario.play(story, Props(random.choice(self.services), random.randint(fewest, most)))
        return story

    def _work_order(self, scenario: Scenario, task: Task, spot: Spot, random: Random) -> WorkOrder:
        place = PLACES[spot.place]
        site = self._site(place, MARKS.site)
        first_name = place.poc_name.split()[0].lower().encode("ascii", "ignore").decode()
        reporter = f"{place.poc_name} of {place.account}, {MARKS.site}"
        return WorkOrder(
            number=f"WO-{MARKS.digits}",
            case_number=MARKS.case_number,
            version=0,
            subject=f"{task.subject} - {spot.model}",
            description=f"Reported by {reporter}: {MARKS.location_note}.",
            work_type=task.work_type,
            partner=self.casts[0].partner,
            site=site,
            station=Station(site=site, serial=MARKS.serial, model=spot.model),
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

    # --- Places
    def _stations(self, spots: set[Spot]) -> dict[str, tuple[int, int]]:
        """The keys of the site and of the station at each spot, by the station's serial; those that
        are missing are created.
        """
        serials = {spot.serial: spot for spot in sorted(spots)}
        found = Station.objects.filter(serial__in=serials).values_list("serial", "site", "pk")
        keys = {serial: (site, pk) for serial, site, pk in found}
        missing = [spot for serial, spot in serials.items() if serial not in keys]
        sites = self._sites(missing)
        fresh = [
            Station(
                site=sites[spot[:2]],
                serial=spot.serial,
                model=spot.model,
                location_note=spot.location_note,
            )
            for spot in missing
        ]
        Station.objects.bulk_create(fresh)
        return keys | {row.serial: (row.site_id, row.pk) for row in fresh}

    def _sites(self, spots: Sequence[Spot]) -> dict[tuple[int, int], Site]:
        """The site of each spot, by its indexes."""
        names = {spot[:2]: spot.site_name for spot in spots}
        found = Site.objects.select_related("account").filter(name__in=names.values())
        existing = {(row.account.name, row.name): row for row in found}
        sites = {key: existing.get((PLACES[key[0]].account, name)) for key, name in names.items()}
        fresh = {
            key: self._site(PLACES[key[0]], names[key]) for key, row in sites.items() if not row
        }
        Site.objects.bulk_create(fresh.values())
        return {key: row or fresh[key] for key, row in sites.items()}

    def _site(self, place: Place, name: str) -> Site:
        return Site(
            account=self.accounts[place.account],
            name=name,
            street=place.street,
            city=place.city,
            region=place.region,
            postal_code=place.postal_code,
            country=place.country,
            time_zone=place.time_zone,
        )
