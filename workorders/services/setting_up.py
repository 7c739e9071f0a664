"""What a new portal needs: territories, entitlements, carriers, permissions, an administrator."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.urls import reverse

from portal.people.models import User
from portal.people.roles import Role
from portal.people.services import add_user
from portal.people.tokens import invitation_token
from sla.calendars import public_holidays
from sla.places import PlaceHolidays
from workorders.models import CarrierService, Entitlement, HolidayChoices, ServiceTerritory
from workorders.services.calendars.entitlements import save_entitlement
from workorders.services.calendars.holiday_choices import (
    HolidayRow,
    Listed,
    choices_of,
    chosen_states,
    holiday_rows,
    keep_listed,
    listed_in,
    suggested_for,
)
from workorders.services.calendars.proposals import choices_in_words, save_territory
from workorders.services.calendars.refreshing import (
    YEARS_AHEAD,
    list_what_is_missing,
    states_of,
)
from workorders.states import StartWithoutParts
from workorders.targets.due import counted

YEARS_BACK = 1


class Territory(NamedTuple):
    name: str
    country: str
    subdivision: str = ""


class Carrier(NamedTuple):
    carrier: str
    service: str
    transit_business_days: int
    tracking_url: str


TERRITORIES = [
    Territory("US-Federal", "US"),
    Territory("US-CA", "US", "CA"),
    Territory("CA-ON", "CA", "ON"),
    Territory("GB-ENG", "GB", "ENG"),
    Territory("DE-BY", "DE", "BY"),
]
ENTITLEMENTS = {  # business days, and the start day where no parts are required
    "Assure": (1, StartWithoutParts.ASSIGNED),
    "Assure 3-Day": (3, StartWithoutParts.ASSIGNED),
    "Parts Warranty": (5, StartWithoutParts.ACCEPTED),
}
FEDEX = "https://www.fedex.com/fedextrack/?trknbr={number}"
UPS = "https://www.ups.com/track?tracknum={number}"
DHL = "https://www.dhl.com/global-en/home/tracking.html?tracking-id={number}"
CARRIERS = [
    Carrier("FedEx", "Ground", 5, FEDEX),
    Carrier("FedEx", "2Day", 2, FEDEX),
    Carrier("UPS", "Ground", 5, UPS),
    Carrier("UPS", "Next Day Air", 1, UPS),
    Carrier("DHL", "Express Worldwide", 3, DHL),
]
STAFF_GROUP = "Staff"
# what staff may do in the admin; services also check what they do to a work order
STAFF_PERMISSIONS = {
    "workorders": {
        "view": ["appointment", "comment", "hold", "ledgerentry", "calendarday"],
        "view add change": [
            "account",
            "site",
            "station",
            "serviceterritory",
            "entitlement",
            "carrierservice",
        ],
        "view change": ["missedslareason", "calendarproposal"],
        "view add change delete": ["lineitem", "shipmentpart", "depot"],
        "add view change": ["workorder", "shipment"],
    },
    "people": {"view add change": ["partner", "user"], "view add change delete": ["certification"]},
    "outbox": {"view change": ["message"]},
}


class PlannedTerritory(NamedTuple):
    """A territory that is not made yet: its place, and the holidays that it will close for."""

    territory: Territory
    place: PlaceHolidays
    choices: HolidayChoices

    @property
    def listed(self) -> list[Listed]:
        return listed_in(self.place)

    @property
    def rows(self) -> list[HolidayRow]:
        return holiday_rows(self.listed, self.choices)

    def closing_for(self, ticked: Collection[str]) -> "PlannedTerritory":
        suggested = _suggested(self.territory, self.listed)
        return self._replace(choices=choices_of(self.rows, ticked, suggested=suggested))


def territories_to_offer() -> list[Territory]:
    """The usual territories that do not exist."""
    existing = set(ServiceTerritory.objects.values_list("name", flat=True))
    return [territory for territory in TERRITORIES if territory.name not in existing]


def territory_named(name: str) -> Territory:
    """A usual territory, or one that is named by its country and subdivision, such as US-TX."""
    usual = {territory.name: territory for territory in TERRITORIES}
    return usual.get(name) or Territory(name, *name.split("-", 1))


def plan_territory(territory: Territory, year: int) -> PlannedTerritory:
    """Plan a territory with its calendar around `year` and the usual holidays.

    Raises CalendarError for a place that `holidays` does not know.
    """
    years = range(year - YEARS_BACK, year + YEARS_AHEAD + 1)
    _, country, subdivision = territory
    place = public_holidays(country, subdivision, years, with_optional=True)
    return PlannedTerritory(territory, place, _suggested(territory, listed_in(place)))


def set_up(year: int, planned: Collection[PlannedTerritory] | None = None) -> list[str]:
    """Create what is missing, with calendars for the years around `year`; change nothing else.

    Without `planned` the usual territories are made. Those that exist get a proposal at most.
    Returns a sentence for each thing created. Raises CalendarError when `holidays` lacks data.
    """
    if planned is None:
        planned = [plan_territory(territory, year) for territory in territories_to_offer()]
    with transaction.atomic():
        return [
            *_proposals(year),
            *map(_make_territory, planned),
            *_entitlements(),
            *_carriers(),
            *_group(),
        ]


def _suggested(territory: Territory, listed: Collection[Listed]) -> HolidayChoices:
    return suggested_for(territory.country, territory.subdivision, listed)


def _make_territory(planned: PlannedTerritory) -> str:
    (name, country, subdivision), place, choices = planned
    territory = ServiceTerritory(
        name=name,
        country=country,
        subdivision=subdivision,
        weekend=sorted(place.weekend),
        first=place.first,
        last=place.last,
        never_closes=sorted(choices.never),
        always_closes=sorted(choices.always),
    )
    days = chosen_states(states_of(place), planned.listed, choices)
    save_territory(territory, days=days, by=None)
    keep_listed(territory, place)
    made = f"Territory {name}: {len(days)} holidays from {place.first} to {place.last}"
    return f"{'; '.join([made, *choices_in_words(HolidayChoices(), choices)])}."


def _proposals(year: int) -> Iterator[str]:
    """What the calendars that exist would have to change."""
    for refreshed in list_what_is_missing(year):
        if refreshed.proposal:
            yield f"Territory {refreshed.territory}: {refreshed.proposal.summary}, proposed."


def _entitlements() -> Iterator[str]:
    for name, (business_days, start) in ENTITLEMENTS.items():
        if not Entitlement.objects.filter(name=name).exists():
            row = Entitlement(name=name, business_days=business_days, start_without_parts=start)
            save_entitlement(row, by=None)
            yield f"Entitlement {name}: {counted(business_days, 'business day')}."


def _carriers() -> Iterator[str]:
    for carrier, service, days, url in CARRIERS:
        values = {"transit_business_days": days, "tracking_url": url}
        _, is_new = CarrierService.objects.get_or_create(
            carrier=carrier, service=service, defaults=values
        )
        if is_new:
            yield f"Carrier service {carrier} {service}: {counted(days, 'business day')}."


def staff_permissions() -> list[str]:
    """The names of staff's permissions in the admin, such as workorders.view_site."""
    return sorted(
        f"{app}.{verb}_{model}"
        for app, groups in STAFF_PERMISSIONS.items()
        for verbs, models in groups.items()
        for verb in verbs.split()
        for model in models
    )


def _group() -> Iterator[str]:
    """The group with its permissions; an existing one gets those on models that are new to it.

    It does not get back what an administrator has removed, and a group without any permission gets
    none, because nothing shows what is new to it.
    """
    group, created = Group.objects.get_or_create(name=STAFF_GROUP)
    existing = set(group.permissions.values_list("content_type", flat=True))
    if not created and not existing:
        return
    wanted = set(staff_permissions())
    found = Permission.objects.select_related("content_type").filter(
        content_type__app_label__in=STAFF_PERMISSIONS
    )
    permissions = [p for p in found if f"{p.content_type.app_label}.{p.codename}" in wanted]
    new = [p for p in permissions if p.content_type_id not in existing]
    group.permissions.add(*new)
    if created:
        yield f"Group {STAFF_GROUP}: {len(new)} permissions."
    elif new:
        models = ", ".join(sorted({str(p.content_type.name) for p in new}))
        yield f"Group {STAFF_GROUP}: {len(new)} more permissions, on what is new: {models}."


def administrator() -> User | None:
    """A superuser who can log in or has been invited."""
    return User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()


def add_administrator(email: str, name: str) -> User:
    """Add a superuser without a password, who gets an invitation.

    Raises ValidationError for an invalid e-mail address or name.
    """
    user = User(email=email.strip(), name=name.strip(), role=Role.STAFF, is_superuser=True)
    add_user(user, by=None)
    return user


def invitation_link(user: User) -> str:
    """The link to choose the first password, valid once within INVITATION_DAYS days."""
    return f"{settings.PORTAL_BASE_URL}{reverse('invitation', args=[invitation_token(user)])}"
