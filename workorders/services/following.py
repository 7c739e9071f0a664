"""How work orders follow changes to calendars and service levels (docs/rules.md, rule 6)."""

from collections.abc import Iterable

from sla import BusinessCalendar, CalendarError
from workorders.models import (
    CalendarRevision,
    CarrierService,
    Entitlement,
    Hold,
    ServiceLevelRevision,
    ServiceTerritory,
    Shipment,
    WorkOrder,
)
from workorders.models.ledger import NOTE_LENGTH
from workorders.services.errors import DomainError
from workorders.targets.computing import (
    TargetFields,
    compute_target_fields,
    computed_edd,
    parts_due_on,
    start_of,
    target_fields_without_calendar,
)
from workorders.targets.terms import business_calendar, terms_of

Transit = dict[tuple[str, str], int]  # business days by carrier and service


def has_pending_revision(*rows: ServiceTerritory | Entitlement) -> bool:
    return any(row.applied_revision < row.revision for row in rows)


def pending_cause(*rows: ServiceTerritory | Entitlement) -> str:
    """What the revisions that have not been applied yet change, in words."""
    revisions: list[CalendarRevision | ServiceLevelRevision] = []
    for row in rows:
        revisions += row.revisions.filter(number__gt=row.applied_revision).reverse()
    news = [f"{revision}: {revision.what}" for revision in revisions]
    text = "; ".join(news)
    return text if len(text) <= NOTE_LENGTH else f"{text[: NOTE_LENGTH - 2]} …"


def target_fields_of(
    row: WorkOrder, shipments: list[Shipment], deciding: list[Shipment], holds: Iterable[Hold]
) -> TargetFields:
    """The target fields as they are now, without a target if the calendar is broken.

    `deciding` are the shipments that the start day follows; parts are due of all.

    Raises DomainError for a date outside the calendar.
    """
    start, due = start_of(row, deciding), parts_due_on(shipments)
    revisions = (row.territory.revision, row.entitlement.revision)
    try:
        calendar = business_calendar(row.territory)
    except CalendarError:
        return target_fields_without_calendar(start, due)
    try:
        terms = terms_of(row.entitlement)
        return compute_target_fields(
            start, due, holds, calendar=calendar, terms=terms, revisions=revisions
        )
    except CalendarError as error:
        raise DomainError(f"No Target SLA can be computed: {error}.") from error


def transit_days() -> Transit:
    rows = CarrierService.objects.values_list("carrier", "service", "transit_business_days")
    return {(carrier, service): days for carrier, service, days in rows}


def move_computed_edds(
    shipments: list[Shipment], calendar: BusinessCalendar, transit: Transit
) -> list[Shipment]:
    """Recompute the computed EDDs of shipments under way with this calendar; return what moved.

    An EDD stays as it is when the carrier service no longer exists, or when the new date would be
    outside the calendar.
    """
    moved = []
    for shipment in shipments:
        days = transit.get((shipment.carrier, shipment.service))
        if (
            not shipment.edd_is_computed
            or shipment.is_delivered
            or days is None
            or shipment.pick_up_on is None
        ):
            continue
        try:
            edd = computed_edd(shipment.pick_up_on, days, calendar)
        except CalendarError:
            continue
        if edd != shipment.estimated_delivery_on:
            shipment.estimated_delivery_on = edd
            moved.append(shipment)
    return moved
