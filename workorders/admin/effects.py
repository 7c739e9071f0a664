"""What a changed calendar or service level does to open work orders, in words, and doing it."""

from collections.abc import Iterator

from django.contrib import messages
from django.db import OperationalError
from django.http import HttpRequest

from portal.people.requests import after_saving
from workorders.services.calendars.recalculating import Effect, Recalculated, recalculate

AT_ONCE = 5000  # Target SLAs that move while staff wait; the worker moves the rest


def effect_in_words(effect: Effect) -> str:
    """Describe what would move, in a sentence or two.

    For example: "41 of 12,300 open work orders move: 38 later, 3 earlier. 3 booked appointments
    become late."
    """
    if not effect.moved:
        return "Nothing moves."
    moves = "moves" if effect.moved == 1 else "move"
    orders = "open work order" if effect.open == 1 else "open work orders"
    parts = [(effect.later, "later"), (effect.earlier, "earlier")]
    parts.append((effect.moved - effect.later - effect.earlier, "from or to no date at all"))
    directions = ", ".join(f"{count:,} {word}" for count, word in parts if count)
    sentence = f"{effect.moved:,} of {effect.open:,} {orders} {moves}: {directions}."
    appointments = ", ".join(_appointments(effect))
    return f"{sentence} {appointments}." if appointments else sentence


def _appointments(effect: Effect) -> Iterator[str]:
    """Describe the appointments. Only the first part that is not empty names the noun."""
    name_them = True
    for count, one, many in [
        (effect.become_late, "becomes late", "become late"),
        (effect.no_longer_late, "is no longer late", "are no longer late"),
        (
            effect.stay_in_time,
            "stays in time because it was when it was booked",
            "stay in time because they were when they were booked",
        ),
    ]:
        if count:
            subject = _counted(count, "booked appointment") if name_them else f"{count:,}"
            yield f"{subject} {one if count == 1 else many}"
            name_them = False


def follow(request: HttpRequest, saved: str) -> None:
    """Let open work orders follow the change, once it is saved, and say how far that has got.

    Not before: whoever writes one of them waits for the change to be saved, and it would wait for
    them.
    """
    after_saving(request, lambda: messages.success(request, f"{saved} {_follow()}"))


def _follow() -> str:
    try:
        recalculated = recalculate(at_most=AT_ONCE)
    except OperationalError:  # someone else's lock: the worker comes back to it
        recalculated = Recalculated(0, is_done=False)
    if not recalculated.is_done:
        moved = f"{_moved(recalculated)} so far; the rest" if recalculated.moved else "It"
        return f"{moved} follows in the background within minutes."
    return f"{_moved(recalculated)}." if recalculated.moved else "Nothing moved."


def _moved(recalculated: Recalculated) -> str:
    return f"{_counted(recalculated.moved, 'Target SLA')} moved"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
