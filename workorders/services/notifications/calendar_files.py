"""The calendar files in a technician's mail: a visit they are booked for, or no longer."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.urls import reverse

from portal.people.models import User
from portal.people.roles import Role
from workorders.fieldwork.calendar_invite import calendar_file
from workorders.models import Appointment, Notification
from workorders.models.notifications import Kind

ABOUT_A_VISIT = (Kind.BOOKED, Kind.CANCELED, Kind.TIME_ZONE_CHANGED)


def calendar_files(recipient: User | None, rows: Collection[Notification]) -> dict[str, str]:
    """By their names; none for anyone but technicians."""
    about = {row.work_order for row in rows if row.kind in ABOUT_A_VISIT}
    if recipient is None or recipient.role != Role.TECHNICIAN or not about:
        return {}
    theirs = Appointment.objects.filter(technician=recipient, work_order__in=about)
    facts = theirs.select_related("work_order__site", "work_order__station")
    facts = facts.prefetch_related("work_order__line_items").for_calendar()
    latest = {each.work_order_id: each for each in facts.order_by("pk")}
    return {f"{each.work_order.number}.ics": _file(each) for each in latest.values()}


def _file(appointment: Any) -> str:
    row = appointment.work_order
    page = settings.PORTAL_BASE_URL + reverse("work-order", args=[row.number])
    return calendar_file(row, appointment, list(row.line_items.all()), page).decode()
