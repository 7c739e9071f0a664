"""How a work order follows a changed business calendar or service level (docs/rules.md, rule 6)."""

from typing import TYPE_CHECKING

from sla import BusinessCalendar, CalendarError
from workorders import targets
from workorders.models import (
    CalendarRevision,
    CarrierService,
    Entitlement,
    ServiceLevelRevision,
    ServiceTerritory,
    Shipment,
)
from workorders.models.ledger import Event
from workorders.rules import business_calendar
from workorders.services.changes import changed

if TYPE_CHECKING:
    from workorders.services.writing import Writing

NOTE_LENGTH = 2000
Transit = dict[tuple[str, str], int]  # business days by carrier and service


def catch_up(write: "Writing") -> None:
    """Let the work order follow a change whose recalculation has not come to it yet, before anything else is done."""
    work_order = write.work_order
    if work_order.follows_target and is_behind(work_order.territory, work_order.entitlement):
        cause = cause_of(work_order.territory, work_order.entitlement)
        estimate_again(write, cause)
        write.retarget(cause)


def is_behind(*rows: ServiceTerritory | Entitlement) -> bool:
    return any(row.settled_revision < row.revision for row in rows)


def cause_of(*rows: ServiceTerritory | Entitlement) -> str:
    """What has changed in those that are not settled, in words."""
    revisions: list[CalendarRevision | ServiceLevelRevision] = []
    for row in rows:
        revisions += row.revisions.filter(number__gt=row.settled_revision).reverse()
    news = [f"{revision}: {revision.what}" for revision in revisions]
    text = "; ".join(news)
    return text if len(text) <= NOTE_LENGTH else f"{text[: NOTE_LENGTH - 2]} …"


def transit_days() -> Transit:
    rows = CarrierService.objects.values_list("carrier", "service", "transit_business_days")
    return {(carrier, service): days for carrier, service, days in rows}


def move_computed_edds(shipments: list[Shipment], calendar: BusinessCalendar, transit: Transit) -> list[Shipment]:
    """Give the shipments under way whose EDD we have counted the EDD by this calendar; returns those that moved.

    One whose carrier service is not known any more keeps its EDD, as does one that the calendar does not reach.
    """
    moved = []
    for shipment in shipments:
        days = transit.get((shipment.carrier, shipment.service))
        if not shipment.edd_is_computed or shipment.is_delivered or days is None or shipment.pick_up_on is None:
            continue
        try:
            edd = targets.computed_edd(shipment.pick_up_on, days, calendar)
        except CalendarError:
            continue
        if edd != shipment.estimated_delivery_on:
            shipment.estimated_delivery_on = edd
            moved.append(shipment)
    return moved


def estimate_again(write: "Writing", cause: str) -> None:
    """Count again the EDDs that the carrier has not given, in the work order's business calendar."""
    if not any(shipment.edd_is_computed and not shipment.is_delivered for shipment in write.shipments):
        return
    known = {shipment.pk: shipment.estimated_delivery_on for shipment in write.shipments}
    calendar = business_calendar(write.work_order.territory)
    for shipment in move_computed_edds(write.shipments, calendar, transit_days()):
        shipment.save(update_fields=["estimated_delivery_on"])
        changes = changed("estimated_delivery_on", known[shipment.pk], shipment.estimated_delivery_on)
        write.log(Event.EDD_FOLLOWED, shipment=shipment, changes=changes, note=cause, by_system=True)
