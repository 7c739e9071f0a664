"""The flow of docs/rules.md as a table; and a work order that has come to each of its columns."""

import datetime as dt
from typing import Any

from portal.outbox.models import Message
from portal.people.models import User
from tests.factories import SHIP_TO, fresh, make_work_order
from workorders import services as s
from workorders.models import WorkOrder
from workorders.services import Part
from workorders.states import CouldNotCompleteReason, Direction, ShipmentKind, Status, VisitOutcome

# Who: dispatcher, manager, technician, staff. Technicians see what they are booked on (BOOKED), and
# may do "v" once their visit has begun. A cell: the column that it leads to, "=" when the status
# stays, "." refused because of the status, "!" refused for a reason of its own (SENTENCES), "s"
# staff alone. "p": in Completed only who pressed it, the dispatcher.
TABLE = """
                     who   Asg HlA Dec S2R Ord Shg Shd InP In2 Hld Cmp Clo CNC Can
accept               dm    S2R  .   .   .   .   .   .   .   .   .   .   .   .   .
change-ship-to       dm     .   .   .   =   .   .   .   .   .   .   .   .   .   .
note                 dm     =   =   .   =   =   =   =   =   =   =   .   .   .   .
comment              dmts   =   =   =   =   =   =   =   =   =   =   =   =   =   =
internal-note        s      =   =   =   =   =   =   =   =   =   =   =   =   =   =
add-file             dmts   =   =   s   =   =   =   =   =   =   =   s   s   s   s
change-file          dmts   =   =   s   =   =   =   =   =   =   =   s   s   s   s
remove-file          dmts   =   =   s   =   =   =   =   =   =   =   s   s   s   s
book                 dm     .   !   .   =   =   =   =   =   =   =   .   .   .   .
take-back-appointment dm    .   !   .   =   =   =   =   =   !   !   .   .   .   .
receive-parts        dm     .   !   .   .  InP InP InP  =   =   =   .   .   .   .
report-part          dmt    .   !   .   .   .   =   =   =   =   =   .   .   .   .
return-parts         dmt    .   !   !   .   .   .   .   =   =   =   =   =   =   =
request-assistance   dmt    =   =   .   =   =   =   =   =   =   =   .   .   .   .
log-contact          dmt    =   =   .   =   =   =   =   =   =   =   .   .   .   .
add-second-poc       dms    =   =   .   =   =   =   =   =   =   =   .   .   .   .
start-visit          dmt    .   .   .   .   .   .   .   =   =   .   .   .   .   .
enter-visit          dmt    .   .   .   .   .   .   .   =   =   .   .   .   .   .
end-visit            dmt    .   !   .   .   .   .   .   =   =   =   .   .   .   .
correct-visit        dmt    .   .   .   .   .   .   .   =   =   .   .   .   .   .
take-back-visit      dmt    .   .   .   .   .   .   .   =   =   .   .   .   .   .
check-visit          s      =   =   =   =   =   =   =   =   =   =   =   =   =   =
tick-line-item       dmt    .   .   .   .   .   .   .   =   =   .   .   .   .   .
untick-line-item     dmt    .   .   .   .   .   .   .   =   =   .   .   .   .   .
complete             dmv    .   .   .   .   .   .   .  Cmp Cmp  .   .   .   .   .
take-back            dmtp   .   .   .   .   .   .   .   .   .   .  InP  .   .   .
give-up              dmv   Dec CNC  .  CNC CNC CNC CNC CNC CNC CNC  .   .   .   .
order-parts          s      .   .   .  Ord  .   .   .   .   .   .   .   .   .   .
ship-another         s      .   !   !   =   =   =   =   =   =   =   =   =   =   =
ship-one             s      .   !   !  Shd Shg  =   =   =   =   =   =   =   =   =
ship-all             s      .   !   !  Shd Shd Shd  =   =   =   =   =   =   =   =
deliver-one          s      .   !   !  InP Shg  =   =   =   =   =   =   =   =   =
deliver-all          s      .   !   !  InP InP InP InP  =   =   =   =   =   =   =
send-replacement     s      .   !   !   !   =   =  Shg  =   =   =   =   =   =   =
settle-reports       s      !   !   !   !   =   =   =   =   =   =   =   =   =   =
waive-return         s      .   =   =   =   =   =   =   =   =   =   =   =   =   =
hold                 s     HlA  .   .  Hld Hld Hld Hld Hld Hld  .   .   .   .   .
resume               s      .  Asg  .   .   .   .   .   .   .  InP  .   .   .   .
correct-hold         s      =   =   .   =   =   =   =   =   =   =   .   .   .   .
send-back            s      .   .   .   .   .   .   .   .   .   .  In2  .   .   .
set-target           s      !   !   .   !   !   !   !   !   =   !   .   .   .   .
close                s      .   .   .   .   .   .   .   .   .   .  Clo  .   .   .
cancel               s     Can Can  .  Can Can Can Can Can Can Can  .   .   .   .
reassign             s      =   .  Asg  .   .   .   .   .   .   .   .   .   !   .
follow-on            s      .   .   =   .   .   .   .   .   .   .   .   .   =   .
edit                 s      =   =   =   =   =   =   =   =   =   =   =   =   =   =
undo                 s      !   !  Asg  !   !  Ord Shg Shd Cmp  !  InP Cmp InP InP
"""
STATUSES = {
    "Asg": Status.ASSIGNED,
    "HlA": Status.ON_HOLD,  # from Assigned
    "Dec": Status.COULD_NOT_COMPLETE,  # declined, before acceptance
    "S2R": Status.SHIP_TO_RECEIVED,
    "Ord": Status.PARTS_ORDERED,
    "Shg": Status.SHIPPING,
    "Shd": Status.SHIPPED,
    "InP": Status.IN_PROGRESS,
    "In2": Status.IN_PROGRESS,  # sent back
    "Hld": Status.ON_HOLD,  # from In Progress
    "Cmp": Status.COMPLETED,
    "Clo": Status.CLOSED,
    "CNC": Status.COULD_NOT_COMPLETE,  # after acceptance
    "Can": Status.CANCELED,
}
BOOKED = STATUSES.keys() - {
    "Asg",
    "HlA",
    "Dec",
    "In2",
}  # before acceptance nobody, in a new cycle not yet
NOT_ACCEPTED = "The work order has not been accepted yet."
NOTHING_REPORTED = "Choose reports that have not been settled."
FIRST_CYCLE = (
    "The entitlement sets the target of the first cycle."
    " You can set a target once the work has been sent back."
)
SENTENCES = {
    "report-part": "Choose the part that is damaged or missing.",
    "take-back-appointment": {
        "In2": "No appointment is booked.",
        "Hld": "A visit is under way. End it first.",
    },
    "end-visit": "No visit is under way: it has ended, or never began.",
    "settle-reports": NOTHING_REPORTED,
    "send-replacement": {"S2R": NOTHING_REPORTED},
    "set-target": FIRST_CYCLE,
    "reassign": "It has been accepted: cancel it, or issue a follow-on work order.",
    "undo": {
        "Asg": "There is no step to undo.",
        "HlA": "The last step put the work order on hold: resume it instead.",
        "S2R": "An appointment is booked, which needs the acceptance.",
        "Hld": "A visit is under way. End it first.",
        "Ord": "The last step added a shipment: correct that shipment instead.",
    },
}
TODAY = dt.date(2026, 3, 2)
TOMORROW = dt.datetime(2026, 3, 3, 18, tzinfo=dt.UTC)  # in San Francisco at ten


def all_rows() -> list[Any]:
    """Every row that a work order may have, and what waits to be sent."""
    models = [*WorkOrder._meta.apps.get_app_config("workorders").get_models(), Message]
    return [list(model.objects.order_by("pk").values()) for model in models]


def rows() -> list[tuple[str, str, dict[str, str]]]:
    """Action, who, and the cell of each column."""
    header, *lines = (line.split() for line in TABLE.strip().splitlines())
    return [(name, who, dict(zip(header[1:], cells, strict=True))) for name, who, *cells in lines]


def sentence(name: str, column: str) -> str:
    """What a refusal says."""
    known = SENTENCES.get(name, NOT_ACCEPTED)
    return known if isinstance(known, str) else known.get(column, NOT_ACCEPTED)


def work_order_in(column: str, dana: User, tess: User, staff: User) -> WorkOrder:
    """A work order on its way to this column: with two required shipments, an optional one and two
    returns. From its acceptance on Tess is booked.
    """
    steps = ("Lock out the station", "Replace the cable")
    row = make_work_order(
        "WO-1", partner=dana.partner, line_items=steps, return_parts_required=True
    )
    if column == "HlA":
        s.hold(row, reason="No access", stops_clock=False, by=staff)
    elif column == "Dec":
        s.could_not_complete(
            row, reason=CouldNotCompleteReason.NO_CAPACITY, note="Nobody is free.", by=dana
        )
    elif column != "Asg":
        s.accept_work_order(row, ship_to=SHIP_TO, by=dana)
        booking = s.Booking(TOMORROW, tess.name, contact_email=tess.email, technician=tess)
        s.book_appointment(row, booking, by=dana)
        for wanted, take in ON_THE_WAY:
            if column == wanted:
                break
            take(row, staff)
        else:
            at_the_end(row, column, dana, staff)
    return fresh(row)


def order(row: WorkOrder, staff: User) -> None:
    s.order_parts(row, by=staff)
    for number in ("FSO-1", "FSO-2", "FSO-3"):
        enter(row, number, staff, required=number != "FSO-3", parts=[Part("CBL-23", 2, "Cable")])
    for number in ("RMA-1", "RMA-2"):
        enter(row, number, staff, kind=ShipmentKind.RMA, direction=Direction.RETURN, required=False)


ON_THE_WAY = [
    ("S2R", order),
    ("Ord", lambda row, staff: enter(row, "FSO-1", staff, status="shipped")),
    ("Shg", lambda row, staff: enter(row, "FSO-2", staff, status="shipped")),
    ("Shd", lambda row, staff: deliver(row, staff, "FSO-1", "FSO-2")),
]


def at_the_end(row: WorkOrder, column: str, dana: User, staff: User) -> None:
    match column:
        case "Hld":
            s.start_visit(row, by=dana)
            s.hold(row, reason="No access", stops_clock=False, by=staff)
        case "CNC":
            s.could_not_complete(
                row, reason=CouldNotCompleteReason.OBSTRUCTION, note="A car stands there.", by=dana
            )
        case "Can":
            s.cancel(row, comment="The fault cleared.", by=staff)
        case "Cmp" | "Clo" | "In2":
            finish(row, dana)
            s.complete(row, by=dana)
            if column == "Clo":
                s.close(row, by=staff)
            if column == "In2":
                s.send_back(row, note="The cover is loose.", by=staff)


def finish(row: WorkOrder, dana: User) -> None:
    """Nothing is missing for Completed."""
    for item in row.line_items.filter(done_at=None):
        s.tick_line_item(row, item.number, by=dana)
    s.start_visit(row, by=dana)
    s.end_visit(row, outcome=VisitOutcome.DONE, by=dana)
    if row.shipments.filter(number="RMA-1", status="ordered").exists():
        s.parts_sent_back(
            row, number="RMA-1", carrier="UPS", tracking_number="1Z9", on=TODAY, by=dana
        )


def enter(
    row: WorkOrder, number: str, by: User, *, parts: list[Part] | None = None, **details: Any
) -> object:
    known = {"kind": ShipmentKind.FSO, "required": number in ("FSO-1", "FSO-2"), **details}
    return s.enter_shipment(row, number, s.ShipmentDetails(**known), parts=parts, by=by)


def deliver(row: WorkOrder, by: User, *numbers: str, **more: Any) -> None:
    for number in numbers:
        enter(row, number, by, status="delivered", delivered_on=TODAY, **more)


def send(row: WorkOrder, by: User, *numbers: str, **more: Any) -> None:
    for number in numbers:
        enter(row, number, by, status="shipped", **more)
