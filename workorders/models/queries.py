"""Reads of work orders: whose they are, which are asked for, in which order, one page at a time."""

import datetime as dt
import functools
import unicodedata
import zoneinfo
from collections.abc import Iterable, Iterator
from operator import or_
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django.db import models
from django.db.models import Case, Count, F, Q, Value, When

from portal.people.models import User
from workorders.states import OPEN, Status

if TYPE_CHECKING:
    from workorders.models.work_orders import WorkOrder


def fold(text: str) -> str:
    """Letters and digits only, without case and accents, in words: what search compares."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(word for part in plain.split() if (word := "".join(filter(str.isalnum, part))))


def search_text(texts: Iterable[str]) -> str:
    """Each text folded, and squashed too where it has several words, so that a phone number is found in any spelling."""
    folded = dict.fromkeys(filter(None, map(fold, texts)))
    squashed = dict.fromkeys(text.replace(" ", "") for text in folded if " " in text and any(map(str.isdigit, text)))
    return " ".join(folded | squashed)


def site_dates(now: dt.datetime) -> Iterator[tuple[dt.date, list[str]]]:
    """Each date that it is somewhere at this instant (two or three), with the time zones where it is."""
    zones: dict[dt.date, list[str]] = {}
    for name in _zone_names():
        zones.setdefault(now.astimezone(zoneinfo.ZoneInfo(name)).date(), []).append(name)
    yield from zones.items()


@functools.cache
def _zone_names() -> list[str]:
    return sorted(zoneinfo.available_timezones())


def by_site_date(now: dt.datetime, condition: Any) -> Q:
    """The condition for the site's own date: `condition(date)` where the site's time zone has that date."""
    return functools.reduce(
        or_, (condition(today) & Q(site__time_zone__in=zones) for today, zones in site_dates(now))
    )


def late(now: dt.datetime) -> Q:
    """Open work that is late by PRODUCT.md's definition: `WorkOrder.is_late` in SQL."""
    open_with_target = Q(status__in=OPEN, target_on__isnull=False)
    in_time_when_judged = Q(appointment__judged_by__isnull=False, appointment__on__lte=F("appointment__judged_by"))
    booked = Q(appointment__on__gt=F("target_on")) & ~in_time_when_judged
    unbooked = Q(appointment=None) & by_site_date(
        now, lambda today: Q(target_on__lt=today) & (Q(parts_due_on=None) | Q(parts_due_on__gte=today))
    )
    return open_with_target & (booked | unbooked)


def target_within(now: dt.datetime, days: Any) -> Q:
    """Open work whose target lies in `days(site's today)`, a first and a last day."""
    return Q(status__in=OPEN) & by_site_date(now, lambda today: Q(target_on__range=days(today)))


def week_of(day: dt.date) -> tuple[dt.date, dt.date]:
    monday = day - dt.timedelta(days=day.weekday())
    return monday, monday + dt.timedelta(days=6)


def sla_filter(name: str, now: dt.datetime) -> Q:
    """The conditions behind ?sla=missed, today, week and none."""
    match name:
        case "missed":
            return late(now)
        case "today":
            return target_within(now, lambda today: (today, today))
        case "week":
            return target_within(now, week_of)
        case "none":
            return Q(status__in=OPEN, target_on=None)
        case _:
            return Q()


class Sort(NamedTuple):
    """A column the list can be sorted by, and how its value is read back from a page cursor."""

    field: str
    parse: Any = str


SORTS = {
    "number": Sort("number"),
    "case": Sort("case_number"),
    "subject": Sort("subject"),
    "account": Sort("site__account__name"),
    "territory": Sort("territory__name"),
    "status": Sort("status_rank", int),
    "assigned": Sort("assigned_on", dt.date.fromisoformat),
    "entitlement": Sort("entitlement__name"),
    "appointment": Sort("appointment__at", dt.datetime.fromisoformat),
    "work_type": Sort("work_type"),
    "target": Sort("target_on", dt.date.fromisoformat),
}
STATUS_RANK = Case(*(When(status=status, then=Value(rank)) for rank, status in enumerate(Status)))


class WorkOrderQuerySet(models.QuerySet["WorkOrder"]):
    def visible_to(self, user: Any) -> Self:
        """All for staff, a partner's own for its people, none for anyone else."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        return self if user.is_staff else self.filter(partner_id=user.partner_id)

    def search(self, query: str) -> Self:
        """Those that hold every word of the query: number, case, subject, account, site, city, POC, serial, tracking."""
        return self.filter(*(Q(search_text__contains=word) for word in fold(query).split()))

    def with_facts(self) -> Self:
        """With what every page says of a work order, so that no row asks the database again."""
        return self.select_related("site__account", "station", "territory", "entitlement", "appointment", "partner")

    def counts(self, now: dt.datetime, **wanted: Q) -> dict[str, int]:
        """How many are in each status, late, and in each of the wanted conditions, in one query."""
        statuses = {status: Count("pk", filter=Q(status=status)) for status in Status}
        extra = {name: Count("pk", filter=condition) for name, condition in wanted.items()}
        names = {status: f"in_{status.name.lower()}" for status in statuses}
        row = self.aggregate(
            missed=Count("pk", filter=late(now)), **{names[s]: count for s, count in statuses.items()}, **extra
        )
        return {status.value: row.pop(name) for status, name in names.items()} | row

    def sorted_by(self, sort: str) -> Self:
        """By a name of SORTS, `-` for descending; empty values last either way, then by number."""
        field = F(SORTS[sort.removeprefix("-")].field)
        order = field.desc(nulls_last=True) if sort.startswith("-") else field.asc(nulls_last=True)
        return self.alias(status_rank=STATUS_RANK).order_by(order, "number")

    def following(self, sort: str, after: str) -> Self:
        """The rows behind a cursor made by `cursor()`. Raises ValueError for one that it has not made."""
        text, _, number = after.rpartition("~")
        if not number:
            raise ValueError("not a cursor")
        name, parse = SORTS[sort.removeprefix("-")]
        if not text:
            return self.filter(**{f"{name}__isnull": True}, number__gt=number)
        value = parse(text)
        beyond = Q(**{f"{name}__{'lt' if sort.startswith('-') else 'gt'}": value})
        same = Q(**{name: value}, number__gt=number)
        return self.alias(status_rank=STATUS_RANK).filter(beyond | same | Q(**{f"{name}__isnull": True}))


def cursor(row: "WorkOrder", sort: str) -> str:
    """Where a page that ends with this row was left: the sort value and the number."""
    name = SORTS[sort.removeprefix("-")].field
    if name == "status_rank":
        value: Any = list(Status).index(Status(row.status))
    else:
        value = functools.reduce(lambda thing, part: getattr(thing, part, None), name.split("__"), row)
    text = value.isoformat() if isinstance(value, dt.date) else "" if value is None else str(value)
    return f"{text}~{row.number}"
