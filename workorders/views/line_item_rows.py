"""The line items on the Related tab and the job page, also after a tick was refused."""

from typing import NamedTuple

from workorders.fieldwork.completion_blockers import next_of
from workorders.forms.visits import TickForm
from workorders.models import File, LineItem, WorkOrder
from workorders.models.files import Moment


class RefusedTick(NamedTuple):
    """A tick that was refused: its line item, the reason, and what was typed."""

    item: int
    sentence: str
    typed: TickForm | None = None


class LineItemRow(NamedTuple):
    """A line item as the list shows it."""

    item: LineItem
    is_next: bool
    is_open_again: bool  # done in an earlier cycle, and not in this one
    refusal: str
    serial: str  # as it was typed last, like the note
    note: str
    photos: list[File]
    labels: list[File]  # of the new part

    @property
    def asks_why(self) -> bool:
        """Whether ticking it now would be out of order."""
        return not (self.item.done_at or self.is_next)

    @property
    def wants_serial(self) -> bool:
        return self.item.serial_required and not self.item.serial and not self.has_label

    @property
    def has_label(self) -> bool:
        """Whether there is a photo of the new part's label, even one this person cannot see."""
        return bool(getattr(self.item, "label_count", 0))


def line_item_rows(work_order: WorkOrder, refused: RefusedTick | None = None) -> list[LineItemRow]:
    """Build the rows. The line items must have been fetched `with_photos_for` the reader."""
    items = list(work_order.line_items.all())
    return [_row(item, work_order, next_of(items), refused) for item in items]


def _row(
    item: LineItem, work_order: WorkOrder, first: int | None, refused: RefusedTick | None
) -> LineItemRow:
    files: list[File] = getattr(item, "photos", [])
    was_refused = refused is not None and refused.item == item.number
    typed = refused.typed if refused and was_refused else None
    return LineItemRow(
        item,
        is_next=item.number == first,
        is_open_again=item.done_at is None and item.proof_from == work_order.cycle > 1,
        refusal=refused.sentence if refused and was_refused else "",
        serial=typed["serial"].value() or "" if typed else item.serial,
        note=typed["note"].value() or "" if typed else item.note,
        photos=[file for file in files if file.moment != Moment.LABEL],
        labels=[file for file in files if file.moment == Moment.LABEL],
    )
