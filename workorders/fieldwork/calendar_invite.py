"""An appointment as a calendar file and as prepared messages."""

import datetime as dt
from typing import NamedTuple
from urllib.parse import quote

from icalendar import Calendar, Event

from workorders.dates import date_time_text
from workorders.models import Appointment, LineItem, WorkOrder

LENGTH = dt.timedelta(hours=2)  # a calendar needs an end, and nobody says how long a visit takes


class PreparedMessage(NamedTuple):
    """A link that opens a message ready to be sent, with its label."""

    label: str
    url: str


def calendar_file(
    work_order: WorkOrder, appointment: Appointment, steps: list[LineItem], address: str
) -> bytes:
    """The visit in the site's time zone, with address, access, POC and steps.

    `address` is the page of the work order.
    """
    event = Event()
    begins = appointment.at.astimezone(work_order.site.zone)
    event.add("uid", f"{work_order.number}@{address.partition('//')[2].partition('/')[0]}")
    event.add("dtstamp", appointment.booked_at.astimezone(dt.UTC))
    event.add("sequence", work_order.version)
    event.add("dtstart", begins)
    event.add("dtend", begins + LENGTH)
    event.add("summary", f"{work_order.number}: {work_order.subject}")
    event.add("location", f"{work_order.site.name}, {work_order.site.address}")
    event.add("description", "\n".join(_lines(work_order, steps, address)))
    event.add("url", address)
    calendar = Calendar()
    calendar.add("prodid", "-//Partner Portal//")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    content: bytes = calendar.to_ical()
    return content


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
        ("Mail the POC", "mailto", work_order.poc_email, to_poc),
        ("Text the second POC", "sms", work_order.second_poc_phone, to_poc),
        ("Mail the second POC", "mailto", work_order.second_poc_email, to_poc),
        ("Text the technician", "sms", appointment.contact_phone, to_technician),
        ("Mail the technician", "mailto", appointment.contact_email, to_technician),
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


def _lines(work_order: WorkOrder, steps: list[LineItem], address: str) -> list[str]:
    poc = ", ".join(filter(None, [work_order.poc_name, work_order.poc_phone, work_order.poc_email]))
    second = [work_order.second_poc_name, work_order.second_poc_phone, work_order.second_poc_email]
    lines = [
        f"Access: {work_order.access_notes}" if work_order.access_notes else "",
        f"POC: {poc}" if poc else "",
    ]
    lines.append(f"Second POC: {', '.join(filter(None, second))}" if any(second) else "")
    lines.append(f"Station: {work_order.station} {work_order.station.location_note}".rstrip())
    numbered = [f"{step.number}. {step.description}" for step in steps]
    return [*filter(None, lines), *numbered, address]
