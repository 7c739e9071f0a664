"""What still stands in the way of Completed, each with the place where it is done."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Max

from workorders.fieldwork.returns_and_reports import returns_owed
from workorders.models import LineItem, Visit, WorkOrder
from workorders.models.files import Moment
from workorders.models.todos import asks_for_a_visit
from workorders.targets.due import needs_reason

Latest = dict[int | None, int]  # the cycle of the last photo, by line item; None: of no line item


class Blocker(NamedTuple):
    """A sentence for people; the page, by the name of its URL, and the place on it where it is
    done.
    """

    sentence: str
    page: str
    anchor: str


def blockers(work_order: WorkOrder) -> list[Blocker]:
    """What is missing, in the order in which it is done. Empty: the work order can be completed."""
    visits = [visit for visit in work_order.visits.all() if visit.cycle == work_order.cycle]
    line_items = list(work_order.line_items.all())
    of_the_work, labels = _photos(work_order, line_items)
    return [
        *_of_visits(work_order, visits),
        *_of_line_items(line_items, labels),
        *_of_photos(work_order, line_items, of_the_work),
        *_of_returns(work_order),
    ]


def _of_visits(work_order: WorkOrder, visits: list[Visit]) -> list[Blocker]:
    missing = []
    if work_order.appointment is None and not visits and _asks_for_a_visit(work_order):
        missing.append(
            Blocker(
                "No appointment is booked, and no visit has begun.", "work-order", "appointment"
            )
        )
    if needs_reason(work_order):
        missing.append(
            Blocker("The reason for delay is not given yet.", "work-order", "appointment")
        )
    return missing


def _asks_for_a_visit(work_order: WorkOrder) -> bool:
    return (
        work_order.cycle == 1
        or WorkOrder.objects.filter(asks_for_a_visit(), pk=work_order.pk).exists()
    )


def next_of(line_items: Iterable[LineItem]) -> int | None:
    """The number of the line item that is next: the later ones wait for it."""
    return next((item.number for item in line_items if item.done_at is None), None)


def _of_line_items(line_items: list[LineItem], labels: Latest) -> list[Blocker]:
    missing, first = [], next_of(line_items)
    for item in line_items:
        place = "related", f"item-{item.number}"
        if item.done_at is None:
            state = "is not done" if item.number == first else f"waits for {first}"
            missing.append(Blocker(f"Line item {item.number} {state}.", *place))
        elif _wants_serial(item) and labels.get(item.pk, 0) < item.proof_from:
            missing.append(
                Blocker(
                    f"The serial of the new part is missing on line item {item.number}.", *place
                )
            )
    return missing


def _wants_serial(item: LineItem) -> bool:
    """Typed it is there; a photo of the label says it too."""
    return item.serial_required and not item.serial


def _photos(work_order: WorkOrder, line_items: list[LineItem]) -> tuple[Latest, Latest]:
    """Of the work, and of labels of new parts, those that the partner sees; none where none is
    asked for.

    Work that is sent back keeps its photos, but where staff ask for new ones, for a line item or
    for all of the work, only those count that were sent since.
    """
    of_the_work: Latest = {}
    labels: Latest = {}
    if work_order.images_required or any(
        item.photo_required or _wants_serial(item) for item in line_items
    ):
        photos = work_order.files.of_the_work().filter(internal=False, removed_at=None).order_by()
        for of, shows, cycle in photos.values_list("line_item", "moment").annotate(Max("cycle")):
            latest = labels if shows == Moment.LABEL else of_the_work
            latest[of] = max(latest.get(of, 0), cycle)
    return of_the_work, labels


def _of_photos(work_order: WorkOrder, line_items: list[LineItem], latest: Latest) -> list[Blocker]:
    """Those that are asked for, of the work or of a line item."""
    wanted = [item for item in line_items if item.photo_required]
    missing = [
        _photo_of(item, latest) for item in wanted if latest.get(item.pk, 0) < item.proof_from
    ]
    if (
        work_order.images_required
        and not missing
        and max(latest.values(), default=0) < work_order.photos_from
    ):
        sentence = "New photos of the work are" if latest else "Photos of the work are"
        missing = [Blocker(f"{sentence} asked for, and none is here yet.", "related", "files")]
    return missing


def _photo_of(item: LineItem, latest: Latest) -> Blocker:
    which = "A new photo" if item.pk in latest else "A photo"
    return Blocker(
        f"{which} of line item {item.number} is asked for.", "related", f"item-{item.number}"
    )


def _of_returns(work_order: WorkOrder) -> list[Blocker]:
    sentence = returns_owed(work_order, work_order.shipments.all())
    return [Blocker(sentence, "rma-fso", "returns")] if sentence else []
