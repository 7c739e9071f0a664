"""Reads of work orders: who may see them, filters, search, order and pages."""

import datetime as dt
import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Lower

from portal.people.models import User
from portal.people.roles import Right, Role
from portal.prepared import Given
from workorders import keyset
from workorders.keyset import Key, Keyset
from workorders.models.among import AmongKeys
from workorders.models.by_value import by_value
from workorders.models.letters import Letters
from workorders.models.searching import (
    MANY,
    condition,
    half_of_each,
    has_all_but_for_a_typo,
    words_of,
)
from workorders.models.site_today import by_site_date, site_dates
from workorders.models.spans import Span, any_at
from workorders.models.visits import Visit
from workorders.models.waits import MISSED, WaitQuerySet
from workorders.states import Status, WaitsFor

if TYPE_CHECKING:
    from workorders.models.work_orders import WorkOrder  # noqa: F401  in the types of querysets

IS_OPEN = Q(counts_as_open=True)  # `work_order.is_open`, in SQL
CLOCK_RUNS = ~Q(waits_for=WaitsFor.HOLD)  # `clock_is_stopped`, in SQL
MOST_FOUND = 20_000  # work orders of a search whose keys are kept at hand
SEARCH_LENGTH = 200  # characters; databases refuse longer patterns, or too many words


def after_target(day: str, target: str = "target_on") -> Q:
    """`is_late(...)` in SQL, for a column that holds a day."""
    unprotected = Q(protected_until=None) | Q((f"{day}__gt", F("protected_until")))
    return Q((f"{day}__gt", F(target))) & unprotected


# Past the target at the site without a visit, an appointment or parts to wait for. Overdue parts
# keep work from being late, and in a later cycle parts that have come do so until staff have said
# whether the target moves (docs/rules.md, rule 2)
PAST_WITHOUT_A_VISIT = Span(
    IS_OPEN & CLOCK_RUNS & Q(visited_on=None, appointment=None, proposed_target_on=None),
    after_day=F("target_on"),
    last_day=F("parts_due_on"),
)
_FOUND_LATE = after_target("visited_on") | Q(visited_on=None) & after_target("appointment__on")
# Open work that is late in this cycle: `judgement_of(...)` in SQL
LATE = (
    Span(IS_OPEN & (CLOCK_RUNS & _FOUND_LATE | after_target("visited_on", "kept_target_on"))),
    PAST_WITHOUT_A_VISIT,
)
# Open work with required parts due before today at the site: `is_overdue(...)` in SQL
OVERDUE = Span(IS_OPEN & ~(~CLOCK_RUNS & ~Q(target_reason="")), after_day=F("parts_due_on"))


def late(now: dt.datetime) -> Q:
    return any_at(LATE, now)


def visit_outcome_missing(now: dt.datetime | Given) -> Q:
    """`visit_outcome_missing` of targets/due.py in SQL."""
    return not_said_how_it_went() & Q(appointment__at__lte=now)


def not_said_how_it_went() -> Q:
    """Booked, and no visit tells how it went: it would be for that appointment, on its day or
    later, or under way.
    """
    about_it = (
        Q(appointment=OuterRef("appointment"))
        | Q(on__gte=OuterRef("appointment__on"))
        | Q(ended_at=None)
    )
    visits = Visit.objects.filter(about_it, work_order=OuterRef("pk"), cycle=OuterRef("cycle"))
    return Q(appointment__isnull=False) & Q(~Exists(visits))


def target_within(now: dt.datetime, days: Any) -> Q:
    """Open work whose target is within `days(site's today)`, which returns a first and last day."""
    spans = [days(today) for today, _ in site_dates(now)]
    first, last = min(first for first, _ in spans), max(last for _, last in spans)
    somewhere = Q(target_on__range=(first, last))  # which an index can tell
    return IS_OPEN & somewhere & by_site_date(now, lambda today: Q(target_on__range=days(today)))


def week_of(day: dt.date) -> tuple[dt.date, dt.date]:
    monday = day - dt.timedelta(days=day.weekday())
    return monday, monday + dt.timedelta(days=6)


def sla_filter(name: str, now: dt.datetime, waits: WaitQuerySet) -> Q:
    """The conditions behind ?sla=missed, today, week and none."""
    match name:
        case "missed":
            return waits.named(MISSED)
        case "today":
            return target_within(now, lambda today: (today, today))
        case "week":
            return target_within(now, week_of)
        case "none":
            return Q(counts_as_open=True, target_on=None)
        case _:
            return Q()


class Sort(NamedTuple):
    """A column to sort by, and its `Key`."""

    value: F | Case | Letters | Lower
    parse: Callable[[str], Any] = str
    can_be_empty: bool = False
    source: str = ""


STATUS_RANK = Case(*(When(status=status, then=Value(rank)) for rank, status in enumerate(Status)))
BY_NUMBER = Key("number_by_value", by_value, source="number")
SORTS = {
    "number": Sort(F("number_by_value"), by_value, source="number"),
    "case": Sort(F("case_by_value"), by_value, can_be_empty=True, source="case_number"),
    "subject": Sort(Letters("subject")),
    "account": Sort(Letters("site__account__name")),
    "territory": Sort(Lower("territory__name")),
    "status": Sort(STATUS_RANK, functools.partial(keyset.number, below=len(Status))),
    "assigned": Sort(F("assigned_on"), keyset.day),
    "entitlement": Sort(Lower("entitlement__name")),
    "appointment": Sort(F("appointment__at"), keyset.instant, can_be_empty=True),
    "work_type": Sort(F("work_type")),
    "target": Sort(F("target_on"), keyset.day, can_be_empty=True),
}


def keyset_of(sort: str) -> Keyset:
    """The order of `sorted_by(sort)`."""
    _, parse, can_be_empty, source = SORTS[sort.removeprefix("-")]
    value = Key("sort_value", parse, can_be_empty, sort.startswith("-"), source)
    return Keyset(value, BY_NUMBER)


class WorkOrderQuerySet(models.QuerySet["WorkOrder"]):
    def visible_to(self, user: Any) -> Self:
        """All rows for staff who may read, their partner's for its users, their bookings for
        technicians.
        """
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        if user.is_staff:
            return self if user.may(Right.READ) else self.none()
        own = self.filter(partner_id=user.partner_id)
        return own.filter(appointment__technician=user.pk) if user.role == Role.TECHNICIAN else own

    def search(self, query: str) -> Self:
        """Work that has every word of the query.

        Its search text holds number, case, subject, account, site, city, POC, serial and tracking
        number; street, postal code, place of the station, technician, a POC's e-mail and part
        numbers are found too. An
        empty query finds all work, one without letters and digits or above SEARCH_LENGTH none.
        """
        if not words_of(query) or len(query) > SEARCH_LENGTH:
            return self.none() if query.strip() else self
        return self.filter(condition(query))

    def keys_found(self, query: str) -> list[int]:
        """The keys of `search(query)`; of more than MOST_FOUND not all."""
        found = self.search(query).order_by().values_list("pk", flat=True)
        return list(found[: MOST_FOUND + 1])

    def among(self, keys: Iterable[int]) -> Self:
        return self.filter(AmongKeys("pk", keys))

    def search_with_a_typo(self, query: str) -> Self:
        """Work that has every word of the query but for one letter, among the newest MANY that may.

        Looks only at the search text.
        """
        if not words_of(query) or len(query) > SEARCH_LENGTH:
            return self.none()
        may_have = self.filter(half_of_each(query)).order_by("-pk")[:MANY]
        rows = may_have.values_list("pk", "search_text")
        return self.among(pk for pk, text in rows if has_all_but_for_a_typo(text, query))

    def with_facts(self) -> Self:
        """Fetch the related rows that every page shows, so that no row needs another query."""
        return self.select_related(
            "site__account", "station", "territory", "entitlement", "appointment", "partner"
        )

    def bookable(self) -> Self:
        """Accepted open work without an appointment."""
        return self.filter(counts_as_bookable=True)

    def with_visit_outcome_missing(self, now: dt.datetime | Given) -> Self:
        """Add `visit_outcome_missing` as a column."""
        return self.annotate(visit_outcome_missing=visit_outcome_missing(now))

    def following_target(self) -> Self:
        """Work whose Target SLA still follows changes: `work_order.follows_target` in SQL."""
        return self.filter(counts_as_open=True, outcome_days_late=None)

    def sorted_by(self, sort: str) -> Self:
        """In the order of a name in SORTS, descending with `-`, then by number (its value).

        Empty values come last either way. Each row has its value in `sort_value`.
        """
        rows: Self = self.annotate(sort_value=SORTS[sort.removeprefix("-")].value)
        return rows.order_by(*keyset_of(sort).order())

    def page(self, sort: str, size: int) -> Self:
        """The first rows in an order of `sorted_by()`, with what the list shows."""
        keys = self.keys_of_page(sort, size)
        return type(self)(self.model, using=self.db).with_keys(keys, sort)

    def keys_of_page(self, sort: str, size: int) -> Any:
        """A query of the keys of these rows, for `with_keys`.

        Sorting keys instead of whole rows is ten times as fast with 200,000 rows.
        """
        return self.sorted_by(sort).values("pk")[:size]

    def with_keys(self, keys: Any, sort: str) -> Self:
        """The rows with these keys, in order, with the related rows that the list shows.

        The query joins at most eight tables; with more, PostgreSQL does not search for the best
        plan.
        """
        return (
            self.filter(pk__in=keys)
            .sorted_by(sort)
            .select_related("site__account", "territory", "entitlement", "appointment", "partner")
        )

    def following(self, sort: str, after: str) -> Self:
        """The rows after a cursor of `keyset_of(sort)`. Raises ValueError for anything else."""
        rows: Self = self.annotate(sort_value=SORTS[sort.removeprefix("-")].value)
        return rows.filter(keyset_of(sort).behind(after))
