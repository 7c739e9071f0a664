"""Notices to the technician of an appointment: booked, moved, no longer theirs.

What is about today or tomorrow at the site cannot wait for the digest.
"""

import datetime as dt
from collections.abc import Iterator

from workorders.dates import date_placeholder
from workorders.models import Appointment, LedgerEntry
from workorders.models.notifications import Kind
from workorders.services.notifications.notices import FinishedWork, Notice, notice_of

SOON = dt.timedelta(days=1)


def booked(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    """The technician of the appointment, and the one who had it before."""
    now, before = entry.appointment, (entry.changes.get("appointment") or [None])[0]
    if now is None:
        return
    former = Appointment.objects.filter(pk=before).first() if before else None
    if now.technician_id:
        was_soon = former is not None and _is_soon(work, former, entry.at)
        yours = f"You are booked for {_when_and_where(work, now)}."
        notice = notice_of(work, Kind.BOOKED, yours, to=now.technician_id)
        yield notice._replace(cannot_wait=was_soon or _is_soon(work, now, entry.at))
    if former and former.technician_id not in (None, now.technician_id):
        yield _no_longer_booked(work, former, entry.at)


def taken_back(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    if entry.appointment and entry.appointment.technician_id:
        yield _no_longer_booked(work, entry.appointment, entry.at)


def called_off(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    """The work could not be completed, and the technician has not been there yet."""
    appointment = work.work_order.appointment
    if appointment and appointment.technician_id and not _is_past(work, appointment, entry.at):
        yield _no_longer_booked(work, appointment, entry.at, "The work could not be completed.")


def booked_again(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    """The work goes on after all: whoever was called off goes there as before."""
    appointment = work.work_order.appointment
    if appointment and appointment.technician_id and not _is_past(work, appointment, entry.at):
        again = f"The work goes on: you are booked for {_when_and_where(work, appointment)}."
        notice = notice_of(work, Kind.BOOKED, again, to=appointment.technician_id)
        yield notice._replace(cannot_wait=_is_soon(work, appointment, entry.at))


def time_zone_changed(work: FinishedWork, entry: LedgerEntry) -> Iterator[Notice]:
    if entry.appointment:
        is_soon = _is_soon(work, entry.appointment, entry.at)
        notice = notice_of(work, Kind.TIME_ZONE_CHANGED, entry.note)
        yield notice._replace(cannot_wait=is_soon)


def _no_longer_booked(
    work: FinishedWork, former: Appointment, now: dt.datetime, why: str = ""
) -> Notice:
    gone = f"You are no longer booked for {_when_and_where(work, former)}."
    notice = notice_of(work, Kind.BOOKED, why, gone, to=former.technician_id)
    return notice._replace(cannot_wait=_is_soon(work, former, now))


def _when_and_where(work: FinishedWork, appointment: Appointment) -> str:
    site = work.work_order.site
    return f"{date_placeholder(appointment.at)}: {site.name}, {site.city}"


def _is_soon(work: FinishedWork, appointment: Appointment, now: dt.datetime) -> bool:
    """Today or tomorrow at the site."""
    today = work.work_order.site_today(now)
    return today <= appointment.on <= today + SOON


def _is_past(work: FinishedWork, appointment: Appointment, now: dt.datetime) -> bool:
    return appointment.on < work.work_order.site_today(now)
