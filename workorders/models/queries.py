"""Reads of work orders: who may see them, filters, search, order and pages."""

import datetime as dt
import functools
import zoneinfo
from collections.abc import Callable, Mapping
from operator import or_
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, Count, Exists, F, Func, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Lower
from django.db.models.sql.compiler import SQLCompiler

from portal.people.models import User
from portal.people.roles import Right, Role
from portal.prepared import Given
from workorders import keyset
from workorders.keyset import Key, Keyset
from workorders.models.by_value import by_value
from workorders.models.letters import Letters
from workorders.models.searching import (
    MANY,
    condition,
    half_of_each,
    has_all_but_for_a_typo,
    words_of,
)
from workorders.models.visits import Visit
from workorders.states import ENDED, OPEN, Status, WaitsFor

if TYPE_CHECKING:
    from workorders.models.work_orders import WorkOrder  # noqa: F401  in the types of querysets

IS_OPEN = Q(counts_as_open=True)  # `work_order.is_open`, in SQL
CLOCK_RUNS = ~Q(waits_for=WaitsFor.HOLD)  # `clock_is_stopped`, in SQL
SEARCH_LENGTH = 200  # characters; databases refuse longer patterns, or too many words


def site_dates(now: dt.datetime) -> list[tuple[dt.date, list[str]]]:
    """The two or three dates at this instant around the world, each with its time zones."""
    return _dates_at(now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0))


@functools.lru_cache(maxsize=8)
def _dates_at(quarter: dt.datetime) -> list[tuple[dt.date, list[str]]]:
    """Midnight falls on a quarter hour in every zone, so one answer serves for all of it."""
    zones: dict[dt.date, list[str]] = {}
    for name in sorted(zoneinfo.available_timezones()):
        zones.setdefault(quarter.astimezone(zoneinfo.ZoneInfo(name)).date(), []).append(name)
    return list(zones.items())


class _OneOf(Func):
    """Whether a text is among names joined by commas.

    Hundreds of names are one parameter: an IN of them takes longer to build than the query to run.
    """

    arity = 2
    output_field = models.BooleanField()
    arg_joiner = " = ANY(string_to_array("
    template = "%(expressions)s, ','))"

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, Any]:
        return self.as_sql(
            compiler,
            connection,
            arg_joiner=""" IN (SELECT value FROM json_each('["' || replace(""",
            template="""%(expressions)s, ',', '","') || '"]'))""",
        )


def by_site_date(now: dt.datetime, condition: Any) -> Q:
    """`condition(date)` for each site, with the date in the site's time zone."""
    found: Q = functools.reduce(
        or_,
        (
            condition(today) & Q(_OneOf("site__time_zone", Value(",".join(zones))))
            for today, zones in site_dates(now)
        ),
    )
    return found


def late(now: dt.datetime) -> Q:
    """Open work that is late in this cycle: `judgement_of(...)` in SQL."""
    booked = Q(visited_on=None) & after_target("appointment__on")
    judged = after_target("visited_on") | booked | past_without_a_visit(now)
    has_target = Q(target_on__isnull=False) & CLOCK_RUNS
    return IS_OPEN & (has_target & judged | after_target("visited_on", "kept_target_on"))


def after_target(day: str, target: str = "target_on") -> Q:
    """`is_late(...)` in SQL, for a column that holds a day."""
    unprotected = Q(protected_until=None) | Q((f"{day}__gt", F("protected_until")))
    return Q((f"{day}__gt", F(target))) & unprotected


def missed(now: dt.datetime) -> Q:
    """Late while the work is open; once it is completed, late by its outcome."""
    return late(now) | Q(status__in=ENDED, outcome_on__gt=F("outcome_target_on"))


def past_without_a_visit(now: dt.datetime) -> Q:
    """Past its target at the site without a visit, an appointment or parts to wait for.

    Overdue parts keep work from being late, and in a later cycle parts that have come do so until
    staff have said whether the target moves (docs/rules.md, rule 2).
    """
    unbooked = Q(visited_on=None, appointment=None, proposed_target_on=None) & CLOCK_RUNS
    return unbooked & by_site_date(
        now,
        lambda today: Q(target_on__lt=today) & (Q(parts_due_on=None) | Q(parts_due_on__gte=today)),
    )


def overdue(now: dt.datetime) -> Q:
    """Open work with required parts due before today at the site: `is_overdue(...)` in SQL."""
    stopped = ~CLOCK_RUNS & ~Q(target_reason="")
    return IS_OPEN & by_site_date(now, lambda today: Q(parts_due_on__lt=today)) & ~stopped


def visit_outcome_missing(now: dt.datetime | Given) -> Q:
    """`visit_outcome_missing` of targets/due.py in SQL."""
    about_it = (
        Q(appointment=OuterRef("appointment"))
        | Q(on__gte=OuterRef("appointment__on"))
        | Q(ended_at=None)
    )
    reported = Visit.objects.filter(about_it, work_order=OuterRef("pk"), cycle=OuterRef("cycle"))
    return Q(appointment__isnull=False, appointment__at__lt=now) & Q(~Exists(reported))


def target_within(now: dt.datetime, days: Any) -> Q:
    """Open work whose target is within `days(site's today)`, which returns a first and last day."""
    return IS_OPEN & by_site_date(now, lambda today: Q(target_on__range=days(today)))


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


class CountOf(Subquery):
    """The number of rows that a query finds, as a column beside another query's aggregates."""

    contains_aggregate = True
    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = models.BigIntegerField()


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

    def search_with_a_typo(self, query: str) -> Self:
        """Work that has every word of the query but for one letter, among the newest MANY that may.

        Looks only at the search text.
        """
        if not words_of(query) or len(query) > SEARCH_LENGTH:
            return self.none()
        may_have = self.filter(half_of_each(query)).order_by("-pk")[:MANY]
        rows = may_have.values_list("pk", "search_text")
        return self.filter(pk__in=[pk for pk, text in rows if has_all_but_for_a_typo(text, query)])

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

    def counts(
        self,
        now: dt.datetime,
        of_open: Mapping[str, Q],
        of_any: Mapping[str, Q],
        *,
        at_once: bool = False,
    ) -> dict[str, int]:
        """How much work is in each open status, is `missed`, and meets each of the conditions.

        Conditions in `of_open` hold for open work only, those in `of_any` for any work. One query
        scans open work, with a subquery for each condition in `of_any`; with `at_once` it scans all
        work instead, which is faster where rows are slow to find, as in a search.
        """
        names = {f"in_{status.name.lower()}": status for status in OPEN}
        statuses = {name: Count("pk", filter=Q(status=status)) for name, status in names.items()}
        rows = self.filter(counts_as_open=True)
        if at_once:
            rows, of_open, of_any = self, {**of_open, **of_any}, {}
        inside = {name: Count("pk", filter=condition) for name, condition in of_open.items()}
        beside = {
            name: CountOf(self.filter(condition).order_by().values("pk"))
            for name, condition in of_any.items()
        }
        row = rows.aggregate(missed=Count("pk", filter=late(now)), **statuses, **inside, **beside)
        return {str(names.get(name, name)): count for name, count in row.items()}

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
