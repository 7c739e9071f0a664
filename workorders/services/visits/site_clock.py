"""The clock at the site stays when its time zone is corrected, or when the work moves to a site in
another one (docs/rules.md, rule 3).
"""

import datetime as dt
import re
from zoneinfo import ZoneInfo

from workorders.dates import clock_text, date_placeholder
from workorders.models import Visit
from workorders.models.ledger import Event
from workorders.services import saving
from workorders.services.unit_of_work import UnitOfWork

ONE_MINUTE = dt.timedelta(minutes=1)
INSTANT = re.compile(r"\{(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\}")  # in a notification


def same_clock(at: dt.datetime, before: ZoneInfo, after: ZoneInfo) -> dt.datetime:
    """The instant at which clocks in `after` show what they showed in `before` at this one.

    The first of two, and for a time that is skipped the first minute after the gap.
    """
    shown = at.astimezone(before).replace(tzinfo=None)
    if _shown(found := shown.replace(tzinfo=after, fold=0).astimezone(dt.UTC), after) == shown:
        return found
    found = shown.replace(tzinfo=after, fold=1).astimezone(dt.UTC)  # before the gap
    while _shown(found, after) < shown:
        found += ONE_MINUTE
    return found


def _shown(at: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    return at.astimezone(zone).replace(tzinfo=None)


def keep_clock(work: UnitOfWork, before: ZoneInfo) -> None:
    """Move the instants of a work order whose site is no longer in the zone `before`.

    Open work gets a ledger entry, and its people are notified. Ended work keeps its days
    and outcome.
    """
    row, after = work.work_order, work.work_order.site.zone
    if after.key == before.key:
        return
    said = row.appointment.at.astimezone(before) if row.appointment else None
    _keep_appointments(work, before, after)
    for visit in work.visits:
        is_open = row.is_open and visit.cycle == row.cycle
        _keep_visit(visit, before, after, is_open=is_open)
    _keep_notifications(work, before, after)
    if row.is_open:
        work.follow_visits()
        work.log(
            Event.TIME_ZONE_CHANGED,
            appointment=row.appointment,
            changes={"time_zone": [before.key, after.key]},
            note=_in_words(work, said, before, after),
        )
        work.retarget()


def _keep_appointments(work: UnitOfWork, before: ZoneInfo, after: ZoneInfo) -> None:
    """Move past appointments and reasons too: they are shown in the site's time zone."""
    row = work.work_order
    rows = [each for each in row.appointments.all() if each.pk != row.appointment_id]
    rows += [row.appointment] if row.appointment else []
    for each in rows:
        each.at = same_clock(each.at, before, after)
    saving.save_all(rows, "at")
    reasons = list(row.missed_sla_reasons.all())
    for reason in reasons:
        reason.appointment_at = same_clock(reason.appointment_at, before, after)
    saving.save_all(reasons, "appointment_at")


def _keep_visit(visit: Visit, before: ZoneInfo, after: ZoneInfo, *, is_open: bool) -> None:
    """Move a visit's times.

    In an open cycle, a visit that was begun by a tap keeps its instant, and its day follows.
    """
    began_at, ended_at = visit.began_at, visit.ended_at
    if is_open and visit.is_tapped:
        visit.on = began_at.astimezone(after).date()
    else:
        visit.began_at = same_clock(began_at, before, after)
        if ended_at and (ended_at == began_at or not is_open):
            ended_at = same_clock(ended_at, before, after)
        visit.ended_at = ended_at and max(ended_at, visit.began_at)
    saving.save(visit, "began_at", "ended_at", "on")


def return_taps(work: UnitOfWork) -> None:
    """Give the visits begun by a tap their instants back, which ended work did not keep, in a cycle
    that goes on after all.
    """
    for visit in work.visits:
        moved = visit.entered_at - visit.began_at
        if visit.cycle == work.work_order.cycle and visit.is_tapped and moved:
            visit.began_at = visit.entered_at
            visit.ended_at = visit.ended_at and visit.ended_at + moved
            visit.on = visit.began_at.astimezone(work.work_order.site.zone).date()
            saving.save(visit, "began_at", "ended_at", "on")


def _keep_notifications(work: UnitOfWork, before: ZoneInfo, after: ZoneInfo) -> None:
    """Keep what the notifications said at the site. Their texts contain the instants."""

    def moved(match: re.Match[str]) -> str:
        return date_placeholder(same_clock(dt.datetime.fromisoformat(match[1]), before, after))

    rows = list(work.work_order.notifications.filter(text__contains="Z}"))
    for each in rows:
        each.text = INSTANT.sub(moved, each.text)
    saving.save_all(rows, "text")


def _in_words(work: UnitOfWork, said: dt.datetime | None, before: ZoneInfo, after: ZoneInfo) -> str:
    moved = f"{before.key} → {after.key}."
    if said is None or work.work_order.appointment is None:
        return moved
    now = work.work_order.appointment.at.astimezone(after)
    if now.replace(tzinfo=None) == said.replace(tzinfo=None):
        return f"{moved} The appointment stays {clock_text(now)} at the site."
    return (
        f"{moved} The clock there skips {clock_text(said)}: the appointment is {clock_text(now)}."
    )
