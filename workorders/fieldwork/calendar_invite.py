"""An appointment as a calendar file and as prepared messages.

A calendar knows an entry by its UID. Each visit has its own: an appointment that is moved keeps it.
"""

import datetime as dt
from typing import Any, NamedTuple
from urllib.parse import quote

from icalendar import Calendar, Event

from workorders.dates import date_time_text
from workorders.models import LineItem, WorkOrder
from workorders.states import Status

LENGTH = dt.timedelta(hours=2)  # a calendar needs an end, and nobody says how long a visit takes


class PreparedMessage(NamedTuple):
    """A link that opens a message ready to be sent, with its label."""

    label: str
    url: str


# no visit will be made for an appointment that has none
CALLED_OFF = (Status.CANCELED, Status.COULD_NOT_COMPLETE)


def calendar_file(
    work_order: WorkOrder, appointment: Any, line_items: list[LineItem], address: str
) -> bytes:
    """The visit in the site's time zone, with technician, address, access, POC and line items.

    `appointment` is as `AppointmentQuerySet.for_calendar` reads it, `address` is the page of the
    work order. The entry of an appointment that was moved to someone else or called off takes the
    visit out of the calendar, and says nothing that they may no longer read.
    """
    event, zone = Event(), work_order.site.zone
    is_off = _is_off(work_order, appointment)
    host = address.partition("//")[2].partition("/")[0]
    event.add("uid", f"{work_order.number}{_visit_suffix(appointment)}@{host}")
    event.add("dtstamp", appointment.booked_at.astimezone(dt.UTC))
    event.add("sequence", work_order.version)
    event.add("status", "CANCELLED" if is_off else "CONFIRMED")
    event.add("dtstart", appointment.at.astimezone(zone))
    event.add("dtend", (appointment.at + LENGTH).astimezone(zone))
    event.add("summary", f"{work_order.number}: {work_order.subject}")
    event.add("location", f"{work_order.site.name}, {work_order.site.address}")
    if not is_off:
        lines = [
            f"Technician: {appointment.technician_name}",
            *_lines(work_order, line_items, address),
        ]
        event.add("description", "\n".join(lines))
        event.add("url", address)
    calendar = Calendar()
    calendar.add("prodid", "-//Partner Portal//")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    content: bytes = calendar.to_ical()
    return content


def _is_off(work_order: WorkOrder, appointment: Any) -> bool:
    is_current = work_order.appointment_id == appointment.pk
    return not appointment.was_made and not (is_current and work_order.status not in CALLED_OFF)


def _visit_suffix(appointment: Any) -> str:
    """Empty for the first visit; a later one is told from it by its cycle and its number."""
    before = appointment.made_before
    return f".{appointment.cycle}.{before + 1}" if before or appointment.cycle > 1 else ""


def prepared_messages(work_order: WorkOrder) -> list[PreparedMessage]:
    """Messages to the POC and to the technician about the current appointment."""
    appointment, site = work_order.appointment, work_order.site
    if appointment is None:
        return []
    when = date_time_text(appointment.at, site.zone)
    technician = f"Our technician {appointment.technician_name}"
    to_poc = f"{technician} will be at {site.name} on {when}: {work_order.subject}."
    to_technician = (
        f"{work_order.number}, {when}: {work_order.subject}. {site.name}, {site.address}."
    )
    subject = f"{work_order.number}: visit on {when}"
    recipients = [
        ("Text the POC", "sms", work_order.poc_phone, to_poc),
        ("E-mail the POC", "mailto", work_order.poc_email, to_poc),
        ("Text the second POC", "sms", work_order.second_poc_phone, to_poc),
        ("E-mail the second POC", "mailto", work_order.second_poc_email, to_poc),
        ("Text the technician", "sms", appointment.contact_phone, to_technician),
        ("E-mail the technician", "mailto", appointment.contact_email, to_technician),
    ]
    return [
        PreparedMessage(label, _link(scheme, to, subject, body))
        for label, scheme, to, body in recipients
        if to
    ]


def _link(scheme: str, to: str, subject: str, body: str) -> str:
    if scheme == "sms":
        return f"sms:{to.replace(' ', '')}?body={quote(body)}"
    return f"mailto:{quote(to, safe='@')}?subject={quote(subject)}&body={quote(body)}"


def _lines(work_order: WorkOrder, line_items: list[LineItem], address: str) -> list[str]:
    poc = ", ".join(filter(None, [work_order.poc_name, work_order.poc_phone, work_order.poc_email]))
    second = [work_order.second_poc_name, work_order.second_poc_phone, work_order.second_poc_email]
    lines = [
        f"Access: {work_order.access_notes}" if work_order.access_notes else "",
        f"POC: {poc}" if poc else "",
    ]
    lines.append(f"Second POC: {', '.join(filter(None, second))}" if any(second) else "")
    lines.append(f"Station: {work_order.station} {work_order.station.location_note}".rstrip())
    numbered = [f"{item.number}. {item.description}" for item in line_items]
    return [*filter(None, lines), *numbered, address]
