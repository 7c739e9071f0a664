"""Line items, done one after the other. Ticks of different people never collide: each changes its own item alone."""

from portal.people.models import User
from workorders.models import LineItem, WorkOrder
from workorders.models.ledger import Event
from workorders.services.errors import Refused
from workorders.services.writing import Writing, writing
from workorders.states import Verb

OUT_OF_ORDER = "out of order: "


def tick_line_item(
    work_order: WorkOrder, number: int, *, note: str = "", serial: str = "", seen_done: bool = False, by: User
) -> LineItem:
    """This item is done. Ticked twice it is done once: a second tick fills in what the first one left empty.

    `seen_done` says that the person saw it done: then note and serial are what they are to be. Raises Refused for an
    item out of its order without a note, LineItem.DoesNotExist for a number that there is not.
    """
    note, serial = note.strip(), serial.strip()
    with writing(work_order, Verb.TICK_LINE_ITEM, by=by) as write:
        item = write.work_order.line_items.get(number=number)
        if item.done_at:
            _note(write, item, note if seen_done else item.note or note, serial if seen_done else item.serial or serial)
            return item
        earlier = _open_before(write.work_order, number)
        if earlier and not note:
            raise Refused(f"Line item {earlier[0]} is not done yet: say in the note why {number} comes first.", "note")
        item.done_at, item.done_by, item.note, item.serial = write.now, by, note, serial
        item.save(update_fields=["done_at", "done_by", "note", "serial"])
        write.log(Event.LINE_ITEM_DONE, note=in_words(note, serial, bool(earlier)), changes=_of(item))
    return item


def untick_line_item(work_order: WorkOrder, number: int, *, by: User) -> LineItem:
    """It was not done after all. Note and serial stay, for the next time."""
    with writing(work_order, Verb.TICK_LINE_ITEM, by=by) as write:
        item = write.work_order.line_items.get(number=number)
        if item.done_at:
            item.done_at = item.done_by = None
            item.save(update_fields=["done_at", "done_by"])
            write.log(Event.LINE_ITEM_UNDONE, changes=_of(item))
    return item


def in_words(note: str, serial: str, is_out_of_order: bool = False) -> str:
    """What the ledger says beside "Line item done"."""
    note = f"{OUT_OF_ORDER}{note}" if is_out_of_order and not note.lower().startswith(OUT_OF_ORDER) else note
    return " · ".join(filter(None, [note, f"serial {serial}" if serial else ""]))


def _note(write: Writing, item: LineItem, note: str, serial: str) -> None:
    if (note, serial) == (item.note, item.serial):
        return
    item.note, item.serial = note, serial
    item.save(update_fields=["note", "serial"])
    write.log(Event.LINE_ITEM_CHANGED, note=in_words(note, serial), changes=_of(item))


def _open_before(work_order: WorkOrder, number: int) -> list[int]:
    open_items = work_order.line_items.filter(number__lt=number, done_at=None)
    return list(open_items.values_list("number", flat=True))


def _of(item: LineItem) -> dict[str, list[object] | None]:
    return {"line_item": [None, str(item)]}
