"""What is still missing before Completed, each with the place where it is done."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Max

from workorders.fieldwork.returns_and_reports import returns_owed
from workorders.models import LineItem, WorkOrder
from workorders.models.files import Moment
from workorders.models.needs import asks_for_a_visit
from workorders.targets.judging import needs_reason

Latest = dict[int | None, int]  # the cycle of the last photo, by line item; None for no line item


class Blocker(NamedTuple):
    """A sentence, with the page (by its URL name) and the anchor where the user can resolve it."""

    sentence: str
    page: str
    anchor: str

    @property
    def is_return(self) -> bool:
        """Whether nothing but the way back of the old part is left."""
        return self.anchor == "returns"


def blockers(work_order: WorkOrder) -> list[Blocker]:
    """What is missing, in the order of work; empty when the work order can be completed."""
    line_items = list(work_order.line_items.all())
    of_the_work, labels = _photos(work_order, line_items)
    return [
        *_of_reason(work_order),
        *_of_line_items(line_items, labels),
        *_of_photos(work_order, line_items, of_the_work),
        *_of_returns(work_order),
    ]


def _of_reason(work_order: WorkOrder) -> list[Blocker]:
    """Without a visit Completed asks when the work began, and why that was late."""
    if not needs_reason(work_order) or asks_when_it_began(work_order):
        return []
    sentence = "The reason for delay has not been given yet."
    return [Blocker(sentence, "work-order", "appointment")]


def asks_when_it_began(work_order: WorkOrder) -> bool:
    """Whether Completed asks when the work began: no visit has, and it is not paperwork alone
    (docs/rules.md, rule 6).
    """
    if work_order.visited_on:
        return False
    if work_order.cycle == 1:
        return True
    return WorkOrder.objects.filter(asks_for_a_visit(), pk=work_order.pk).exists()


def next_of(line_items: Iterable[LineItem]) -> int | None:
    """The number of the next line item to do; later ones wait for it."""
    return next((item.number for item in line_items if item.done_at is None), None)


def _of_line_items(line_items: list[LineItem], labels: Latest) -> list[Blocker]:
    missing, first = [], next_of(line_items)
    for item in line_items:
        place = "related", f"item-{item.number}"
        if item.done_at is None:
            state = "is not done" if item.number == first else f"waits for {first}"
            missing.append(Blocker(f"Line item {item.number} {state}.", *place))
        elif _wants_serial(item) and labels.get(item.pk, 0) < item.proof_from:
            sentence = f"The serial of the new part is missing on line item {item.number}."
            missing.append(Blocker(sentence, *place))
    return missing


def _wants_serial(item: LineItem) -> bool:
    """Whether the serial was not entered; a photo of the label may still show it."""
    return item.serial_required and not item.serial


def _photos(work_order: WorkOrder, line_items: list[LineItem]) -> tuple[Latest, Latest]:
    """The last photos of the work and of new parts' labels that the partner sees, if any are
    needed.

    Work that is sent back keeps its photos. Where staff ask for new ones, for a line item or for
    all of the work, only photos sent since then count.
    """
    of_the_work: Latest = {}
    labels: Latest = {}
    needs_photos = any(item.photo_required or _wants_serial(item) for item in line_items)
    if work_order.images_required or needs_photos:
        photos = work_order.files.of_the_work().filter(
            internal=False, removed_at=None, partner=work_order.partner_id
        )
        photos = photos.order_by()
        for of, shows, cycle in photos.values_list("line_item", "moment").annotate(Max("cycle")):
            latest = labels if shows == Moment.LABEL else of_the_work
            latest[of] = max(latest.get(of, 0), cycle)
    return of_the_work, labels


def _of_photos(work_order: WorkOrder, line_items: list[LineItem], latest: Latest) -> list[Blocker]:
    """The photos still needed, of line items or else of the work as a whole."""
    wanted = [item for item in line_items if item.photo_required]
    missing = [
        _photo_of(item, latest) for item in wanted if latest.get(item.pk, 0) < item.proof_from
    ]
    if missing or not work_order.images_required:
        return missing
    if max(latest.values(), default=0) >= work_order.photos_from:
        return []
    photos = "New photos" if latest else "Photos"
    return [Blocker(f"{photos} of the work are required.", "related", "files")]


def _photo_of(item: LineItem, latest: Latest) -> Blocker:
    photo = "a new photo" if item.pk in latest else "a photo"
    sentence = f"Line item {item.number} needs {photo}."
    return Blocker(sentence, "related", f"item-{item.number}")


def _of_returns(work_order: WorkOrder) -> list[Blocker]:
    sentence = returns_owed(work_order, work_order.shipments.all())
    return [Blocker(sentence, "rma-fso", "returns")] if sentence else []
