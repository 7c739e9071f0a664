"""Line items, done one after the other.

Ticks by different people never conflict, because each changes only its own item.
"""

import datetime as dt

from portal.people.models import User
from workorders.dates import date_time_text
from workorders.models import LineItem, WorkOrder
from workorders.models.ledger import Event
from workorders.services.errors import DomainError
from workorders.services.unit_of_work import UnitOfWork, unit_of_work
from workorders.states import Verb

OUT_OF_ORDER = "out of order: "
AT_MOST = dt.timedelta(days=7)  # how long a tick may have waited on a phone
A_MOMENT = dt.timedelta(minutes=5)  # too short for the ledger to name


def tick_line_item(
    work_order: WorkOrder,
    number: int,
    *,
    note: str = "",
    serial: str = "",
    seen_done: bool = False,
    made_ago: dt.timedelta | None = None,
    by: User,
) -> LineItem:
    """Tick a line item. A second tick only fills in what the first one left empty.

    `seen_done` means that the user saw it as done and edits note and serial. `made_ago` is how long
    the tick has waited on a phone without a connection.

    Raises DomainError for an item out of order without a note, LineItem.DoesNotExist for an unknown
    number.
    """
    note, serial = note.strip(), serial.strip()
    with unit_of_work(work_order, Verb.TICK_LINE_ITEM, by=by) as work:
        item = work.work_order.line_items.get(number=number)
        if item.done_at:
            if not seen_done:
                note, serial = item.note or note, item.serial or serial
            _note(work, item, note, serial)
            return item
        earlier = _open_before(work.work_order, number)
        if earlier and not note:
            raise DomainError(
                f"Line item {earlier[0]} is not done yet. Explain in the note why {number} comes"
                " first.",
                "note",
            )
        item.done_at, item.done_by = _made_at(work, made_ago), by
        item.note, item.serial = note, serial
        item.received_at = work.now if work.now - item.done_at > A_MOMENT else None
        item.save(update_fields=["done_at", "done_by", "received_at", "note", "serial"])
        words = [note_in_words(note, serial, bool(earlier)), _sent_later(work, item)]
        work.log(Event.LINE_ITEM_DONE, note=" · ".join(filter(None, words)), changes=_of(item))
    return item


def untick_line_item(work_order: WorkOrder, number: int, *, by: User) -> LineItem:
    """Untick a line item; note and serial stay for the next time."""
    with unit_of_work(work_order, Verb.TICK_LINE_ITEM, by=by) as work:
        item = work.work_order.line_items.get(number=number)
        if item.done_at:
            item.done_at = item.done_by = item.received_at = None
            item.save(update_fields=["done_at", "done_by", "received_at"])
            work.log(Event.LINE_ITEM_UNDONE, changes=_of(item))
    return item


def note_in_words(note: str, serial: str, is_out_of_order: bool = False) -> str:
    """The ledger's note on "Line item done"."""
    if is_out_of_order and not note.lower().startswith(OUT_OF_ORDER):
        note = f"{OUT_OF_ORDER}{note}"
    return " · ".join(filter(None, [note, f"serial {serial}" if serial else ""]))


def _made_at(work: UnitOfWork, ago: dt.timedelta | None) -> dt.datetime:
    """When the tick was made, or now if that is in the future, long ago or before acceptance."""
    if ago is None or not dt.timedelta() <= ago <= AT_MOST:
        return work.now
    made_at, accepted_on = work.now - ago, work.work_order.accepted_on
    on = made_at.astimezone(work.work_order.site.zone).date()
    return work.now if accepted_on and on < accepted_on else made_at


def _sent_later(work: UnitOfWork, item: LineItem) -> str:
    made_at = item.done_at if item.received_at else None
    return (
        f"made {date_time_text(made_at, work.work_order.site.zone)}, sent later" if made_at else ""
    )


def _note(work: UnitOfWork, item: LineItem, note: str, serial: str) -> None:
    if (note, serial) == (item.note, item.serial):
        return
    item.note, item.serial = note, serial
    item.save(update_fields=["note", "serial"])
    work.log(Event.LINE_ITEM_CHANGED, note=note_in_words(note, serial), changes=_of(item))


def _open_before(work_order: WorkOrder, number: int) -> list[int]:
    open_items = work_order.line_items.filter(number__lt=number, done_at=None)
    return list(open_items.values_list("number", flat=True))


def _of(item: LineItem) -> dict[str, list[object] | None]:
    return {"line_item": [None, str(item)]}
