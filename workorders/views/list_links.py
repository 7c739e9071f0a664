"""The links around the list: what needs the reader, the statuses, and the headings that sort."""

import functools
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from django.urls import get_script_prefix, reverse
from django.utils.html import format_html

from workorders.filters import ALL_OPEN, COLUMNS, WorkOrderQuery
from workorders.models.needs import NEEDS
from workorders.models.waits import MISSED, in_status, of_need
from workorders.states import OPEN, WAITING_FOR_PARTS, Status

ANY_NUMBER = "NUMBER"  # stands for one in a path
NEEDS_SHOWN = 4  # side by side; more do not fit beside the heading
CHIPS: dict[str, list[Status]] = {
    "Assigned": [Status.ASSIGNED],
    "Waiting for parts": [status for status in Status if status in WAITING_FOR_PARTS],
    "Shipped": [Status.SHIPPED],
    "In Progress": [Status.IN_PROGRESS],
    "On Hold": [Status.ON_HOLD],
}


class Chip(NamedTuple):
    label: str
    number: int
    url: str
    is_current: bool
    is_alarm: bool = False


class NeedsShown(NamedTuple):
    """The needs above the list, and those that a menu holds."""

    first: list[Chip]
    more: list[Chip]

    @property
    def more_waits(self) -> int:
        """How much waits in the menu."""
        return sum(need.number for need in self.more)


def needs_shown(needs: list[Chip]) -> NeedsShown:
    """Show the first few, and the one chosen; a menu is never for one alone."""
    if len(needs) <= NEEDS_SHOWN + 1:
        return NeedsShown(needs, [])
    chosen = [need for need in needs[NEEDS_SHOWN:] if need.is_current]
    first = [*needs[: NEEDS_SHOWN - len(chosen)], *chosen]
    return NeedsShown(first, [need for need in needs if need not in first])


def needs_links(query: WorkOrderQuery, needs: Iterable[str], counts: dict[str, int]) -> list[Chip]:
    """Link what waits, and the one chosen. Search, work type and territory stay."""
    chosen = query._replace(after="", sla="", status=())
    return [
        Chip(
            NEEDS[name].label,
            counts[of_need(name)],
            list_url(chosen.query_string(needs=name)),
            query.needs == name,
        )
        for name in needs
        if counts[of_need(name)] or query.needs == name
    ]


def chips(query: WorkOrderQuery, counts: dict[str, int]) -> list[Chip]:
    """Build the chips. Each counts the list that it leads to; the other filters stay."""
    chosen = query._replace(after="", sla="", needs="")

    def chip(label: str, statuses: Collection[str], slugs: Sequence[str]) -> Chip:
        number = sum(counts[in_status(status)] for status in statuses)
        is_current = not (query.sla or query.needs) and query.statuses == set(statuses)
        return Chip(label, number, list_url(chosen.query_string(status=tuple(slugs))), is_current)

    missed = list_url(chosen.query_string(status=(), sla="missed"))
    return [
        chip("All open", OPEN, [ALL_OPEN]),
        *(chip(label, statuses, statuses) for label, statuses in CHIPS.items()),
        Chip("Missed SLA", counts[MISSED], missed, query.sla == "missed", is_alarm=True),
    ]


class Heading(NamedTuple):
    label: str
    url: str
    order: str  # for aria-sort; empty where the list is not sorted by this column
    name: str

    @property
    def in_lines(self) -> str:
        """The label, of which two words of three stay together: it takes two lines at most."""
        first, _, last = self.label.rpartition(" ")
        return format_html("<span>{}</span> {}", first, last) if " " in first else self.label


def headings(query: WorkOrderQuery) -> list[Heading]:
    """Build the column headings. Each link sorts by its column, or reverses the order."""
    orders = {query.sort: "descending" if query.sort.startswith("-") else "ascending"}
    return [
        Heading(
            label,
            list_url(query.query_string(sort=f"-{name}" if query.sort == name else name, after="")),
            orders.get(name) or orders.get(f"-{name}", ""),
            name,
        )
        for name, label in COLUMNS.items()
    ]


def list_url(query_string: str) -> str:
    path = _path("work-orders", get_script_prefix())
    return f"{path}?{query_string}" if query_string else path


def page_of(number: str, name: str) -> str:
    """The path of a page of this work order, for pages that show many."""
    return _path(name, get_script_prefix(), ANY_NUMBER).replace(ANY_NUMBER, number)


@functools.cache
def _path(name: str, prefix: str, *args: str) -> str:
    return reverse(name, args=args)
