"""Locks rows, inserts new ones, and says who may write them and whether the page that a person saw
is out of date.
"""

from collections.abc import Collection

from django.db import IntegrityError, connection
from django.db.models import BigIntegerField

from portal.people.models import User
from portal.prepared import Given, Prepared
from workorders import permissions
from workorders.models import LedgerEntry, Shipment, WorkOrder
from workorders.models.folded import numbered
from workorders.models.ledger import Event
from workorders.services import saving
from workorders.services.errors import DomainError, NotAllowed, Stale
from workorders.states import Verb

FILES = frozenset({Event.FILE_ADDED, Event.FILE_CHANGED, Event.FILE_REMOVED})
TICKS = frozenset({Event.LINE_ITEM_DONE, Event.LINE_ITEM_CHANGED, Event.LINE_ITEM_UNDONE})
WORDS = frozenset(
    {
        Event.COMMENTED,
        Event.NOTED_INTERNALLY,
        Event.ASSISTANCE_REQUESTED,
        Event.REQUIREMENTS_NOTED,
        Event.CONTACT_TRIED,
    }
)
HOLD_RULES = """
    WITH territories AS (
        SELECT FROM workorders_serviceterritory WHERE id = ANY(%s::bigint[]) FOR KEY SHARE
    ), entitlements AS (
        SELECT FROM workorders_entitlement WHERE id = ANY(%s::bigint[]) FOR KEY SHARE
    ) SELECT (SELECT count(*) FROM territories) + (SELECT count(*) FROM entitlements)
"""
WITH_FACTS = Prepared(
    WorkOrder, lambda: WorkOrder.objects.with_facts().filter(pk=Given("pk", BigIntegerField()))
)
HARMLESS = WORDS | TICKS | FILES  # a page that missed only these is not stale


def insert(row: WorkOrder | Shipment) -> None:
    """Save a new row. Raises DomainError when its number is taken, in whatever case."""
    if not saving.is_on_paper():  # an import has looked for the numbers of all its rows
        rows = numbered(type(row)._default_manager.all(), [row.number])
        if taken := rows.values_list("number", flat=True).first():
            raise _taken(row, taken)
    try:
        with saving.together():
            saving.save_new(row)
    except IntegrityError as error:
        if type(row)._default_manager.filter(number=row.number).exists():
            raise _taken(row, row.number) from error
        raise


def _taken(row: WorkOrder | Shipment, number: str) -> DomainError:
    return DomainError(f"There is already a {row._meta.verbose_name} {number}.", "number")


def lock(work_order: WorkOrder) -> WorkOrder:
    """The locked row.

    Its related rows come in a query of their own: in the same one, PostgreSQL would return them as
    they were before it waited for the lock.
    """
    found = WorkOrder.objects.select_for_update().values_list("territory", "entitlement")
    territory, entitlement = found.get(pk=work_order.pk)
    hold_rules([territory], [entitlement])
    return WITH_FACTS.rows(pk=work_order.pk)[0]


def lock_all(numbers: Collection[str]) -> dict[str, WorkOrder]:
    """Lock these work orders, with all that a unit of work reads of them, for many writes.

    The writes share one transaction. On paper nothing is locked. After a write that added a
    shipment or was rolled back, a row is out of date: lock it again.
    """
    wanted = WorkOrder.objects.filter(number__in=numbers).order_by("pk")
    locked = wanted if saving.is_on_paper() else wanted.select_for_update()
    found = list(locked.values_list("pk", "territory", "entitlement"))
    keys = [key for key, _, _ in found]
    hold_rules({row[1] for row in found}, {row[2] for row in found})
    rows = WorkOrder.objects.with_facts().filter(pk__in=keys)
    return {row.number: row for row in rows.prefetch_related("shipments", "holds", "line_items")}


def hold_rules(territories: Collection[int] = (), entitlements: Collection[int] = ()) -> None:
    """Let nobody approve another revision of these until this transaction ends.

    What it computes is then by the newest revision, or else the recalculation of the next one comes
    after it and sees it. It waits for an approval under way; writes do not wait for each other. The
    lock comes after those of work orders, and whoever approves locks none. SQLite has one writer at
    a time anyway.
    """
    if saving.is_on_paper() or connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(HOLD_RULES, [list(territories), list(entitlements)])


def check_permission(work_order: WorkOrder, verb: Verb, *, by: User | None) -> None:
    if by is None:
        return
    # staff need the right alone: who reviews reasons need not read work orders
    is_theirs = by.is_staff or permissions.is_theirs(by, work_order)
    if not is_theirs or not permissions.role_may(by, verb, work_order):
        raise NotAllowed(f"{by} may not do “{verb.label}” on {work_order.number}")


def check_version(work_order: WorkOrder, verb: Verb, version: int) -> None:
    if version == work_order.version:
        return
    harmless = HARMLESS - {Event.REQUIREMENTS_NOTED} if verb == Verb.NOTE_REQUIREMENTS else HARMLESS
    news = [entry for entry in news_since(work_order, version) if entry.event not in harmless]
    if news or version > work_order.version:
        raise Stale(work_order, news)


def news_since(work_order: WorkOrder, version: int) -> list[LedgerEntry]:
    news = work_order.ledger.filter(version__gt=version)
    return list(news.select_related("actor", "shipment", "appointment"))
