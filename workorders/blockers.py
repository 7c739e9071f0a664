"""What still stands in the way of Completed, each with the place where it is done."""

from typing import NamedTuple

from workorders.models import LineItem, Visit, WorkOrder
from workorders.models.files import FileKind
from workorders.parts import returns_owed
from workorders.targets import needs_reason


class Blocker(NamedTuple):
    """A sentence for people; the page, by the name of its URL, and the place on it where it is done."""

    sentence: str
    page: str
    anchor: str


def blockers(work_order: WorkOrder) -> list[Blocker]:
    """What is missing, in the order in which it is done. Empty: the work order can be completed."""
    visits = [visit for visit in work_order.visits.all() if visit.cycle == work_order.cycle]
    line_items = list(work_order.line_items.all())
    return [
        *_of_visits(work_order, visits),
        *_of_line_items(line_items),
        *_of_photos(work_order, line_items),
        *_of_returns(work_order),
    ]


def _of_visits(work_order: WorkOrder, visits: list[Visit]) -> list[Blocker]:
    missing = []
    if work_order.appointment is None and not visits:
        missing.append(Blocker("No appointment is booked, and no visit has begun.", "work-order", "appointment"))
    if needs_reason(work_order):
        missing.append(Blocker("The reason for delay is not given yet.", "work-order", "appointment"))
    if any(visit.is_open for visit in visits):
        missing.append(Blocker("A visit is still under way: say how it ended.", "end-visit", "outcome"))
    return missing


def _of_line_items(line_items: list[LineItem]) -> list[Blocker]:
    missing = []
    for item in line_items:
        place = "related", f"item-{item.number}"
        if item.done_at is None:
            missing.append(Blocker(f"Line item {item.number} is not done.", *place))
        elif item.serial_required and not item.serial:
            missing.append(Blocker(f"The serial of the new part is missing on line item {item.number}.", *place))
    return missing


def _of_photos(work_order: WorkOrder, line_items: list[LineItem]) -> list[Blocker]:
    """Those that are asked for, of the work or of a line item, where the partner sees none."""
    wanted = [item for item in line_items if item.photo_required]
    if not wanted and not work_order.images_required:
        return []
    photos = work_order.files.filter(kind=FileKind.PHOTO, internal=False, removed_at=None)
    shown = list(photos.values_list("line_item", flat=True))
    missing = [f"A photo of line item {item.number} is asked for." for item in wanted if item.pk not in shown]
    if work_order.images_required and not shown and not missing:
        missing = ["Photos of the work are asked for, and none is here yet."]
    return [Blocker(sentence, "related", "files") for sentence in missing]


def _of_returns(work_order: WorkOrder) -> list[Blocker]:
    sentence = returns_owed(work_order, work_order.shipments.all())
    return [Blocker(sentence, "rma-fso", "returns")] if sentence else []
