"""Days and holds of March 2026, and the lines of a target."""

from datetime import date

from sla import ServiceLevel, compute_target

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = (
    date(2026, 3, day) for day in range(2, 9)
)


def hold(*days):
    """A hold from one day of March 2026 to another, or open."""
    first, last = days
    return date(2026, 3, first), last and date(2026, 3, last)


def due_on(calendar, count, start, *holds):
    return compute_target(ServiceLevel(count), calendar, start=start, holds=holds).due_on


def lines(target):
    return [f"{step.day:%a %d} {step.kind}: {step.reason}".rstrip(": ") for step in target.steps]
