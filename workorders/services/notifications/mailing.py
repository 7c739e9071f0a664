"""Writes notifications to mails: within minutes what cannot wait, the rest in a digest at 7:00.

There is one mail for each recipient and kind, however many work orders it is about. Mail and
notifications are written in one transaction, so that if a worker is killed, the next one writes the
mail.
"""

import datetime as dt
import zoneinfo
from collections.abc import Iterator
from typing import Any, NamedTuple, cast
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Min
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from portal.outbox.headers import portal_name
from portal.outbox.services import queue_mail
from portal.people.models import Partner, User
from workorders.dates import day_text
from workorders.models import Notification
from workorders.models.notifications import SETTLING, Kind, NotificationQuerySet, Timing
from workorders.services.notifications.calendar_files import calendar_files

DIGEST_AT = dt.time(7)
SHOWN = 40  # notifications of a kind that a mail lists
NAMED = 3  # kinds that a subject names
SHOWN_WITH = ("work_order__site", "user", "mailbox_of")


class Recipient(NamedTuple):
    """A person, or the shared mailbox of a partner."""

    user: User | None
    partner: Partner | None

    @property
    def address(self) -> str:
        if self.user:
            return self.user.email
        return self.partner.shared_mailbox if self.partner else ""

    @property
    def rows(self) -> NotificationQuerySet:
        mailbox_of = None if self.user else self.partner
        return Notification.objects.filter(user=self.user, mailbox_of=mailbox_of)

    @property
    def visible_rows(self) -> NotificationQuerySet:
        """The notifications, with `is_open_to_recipient`."""
        if self.user:
            return Notification.objects.visible_to(self.user)
        return Notification.objects.for_mailbox(cast(Partner, self.partner))


class Section(NamedTuple):
    """The notifications of a kind: the first of them, and the number of all."""

    label: str
    number: int
    rows: list[Notification]

    @property
    def heading(self) -> str:
        """The label, with the number if there are several."""
        return f"{self.label} ({self.number})" if self.number > 1 else self.label

    @property
    def more(self) -> int:
        return self.number - len(self.rows)


def write_mails(now: dt.datetime | None = None) -> int:
    """Write every mail that is due to the outbox; return how many."""
    now, written = now or timezone.now(), 0
    for recipient, kind in _due_at_once(now):
        written += _write_mail(recipient, Timing.AT_ONCE, [kind], now)
    for recipient, until in _digests(now):
        written += _write_mail(recipient, Timing.DIGEST, list(Kind), now, until=until)
    return written


def _due_at_once(now: dt.datetime) -> Iterator[tuple[Recipient, Kind]]:
    due = Notification.objects.to_be_mailed(Timing.AT_ONCE).filter(at__lte=now - SETTLING)
    found = due.order_by().values("user", "mailbox_of", "kind").annotate(first=Min("pk"))
    firsts = Notification.objects.filter(pk__in=[each["first"] for each in found])
    for row in firsts.select_related("user__partner", "mailbox_of").order_by("pk"):
        yield Recipient(row.user, row.mailbox_of), Kind(row.kind)


def _digests(now: dt.datetime) -> Iterator[tuple[Recipient, dt.datetime]]:
    """Everyone with a notification from before the last 7:00, and when that was.

    It is 7:00 in the time zone that the person chose, else in the site's.
    """
    waiting = Notification.objects.to_be_mailed(Timing.DIGEST)
    found = waiting.order_by().values("user", "mailbox_of").annotate(first=Min("pk"))
    firsts = Notification.objects.filter(pk__in=[each["first"] for each in found])
    firsts = firsts.select_related("user__partner", "mailbox_of", "work_order__site")
    for row in firsts.order_by("pk"):
        chosen = row.user.time_zone if row.user else ""
        until = last_digest(now, zoneinfo.ZoneInfo(chosen) if chosen else row.work_order.site.zone)
        if row.at <= until:
            yield Recipient(row.user, row.mailbox_of), until


def last_digest(now: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """The last 7:00 in this time zone."""
    local = now.astimezone(zone)
    today = dt.datetime.combine(local.date(), DIGEST_AT, zone)
    if today <= local:
        return today
    yesterday = local.date() - dt.timedelta(days=1)
    return dt.datetime.combine(yesterday, DIGEST_AT, zone)


@transaction.atomic
def _write_mail(
    recipient: Recipient,
    timing: Timing,
    kinds: list[Kind],
    now: dt.datetime,
    *,
    until: dt.datetime | None = None,
) -> bool:
    """Write one mail of all that waits; False when another worker was first or nothing is left."""
    waiting = recipient.rows.to_be_mailed(timing).filter(kind__in=kinds, at__lte=until or now)
    if not recipient.address:  # the partner no longer has a shared mailbox
        waiting.update(mailed_at=now)
        return False
    key = f"notifications-{uuid4()}"
    waiting.update(mail=key, mailed_at=now)  # so that no other worker writes them
    sections = list(_sections(recipient.visible_rows.filter(mail=key).worth_mailing()))
    if not sections:
        return False
    context = _context(recipient, sections)
    queue_mail(
        key=key,
        to=recipient.address,
        subject=_subject(sections, until),
        body=render_to_string("mails/notifications.txt", context),
        html=render_to_string("mails/notifications.html", context),
        headers=_headers(sections),
        calendars=calendar_files(recipient.user, _rows(sections)),
    )
    return True


def _sections(rows: NotificationQuerySet) -> Iterator[Section]:
    numbers = dict(rows.order_by().values_list("kind").annotate(Count("pk")))
    for kind in Kind:
        if kind in numbers:
            of_kind = rows.filter(kind=kind).select_related(*SHOWN_WITH)
            first = of_kind.order_by("work_order__number_by_value", "pk")[:SHOWN]
            yield Section(kind.label, numbers[kind], list(first))


def _rows(sections: list[Section]) -> list[Notification]:
    return [row for section in sections for row in section.rows]


def _subject(sections: list[Section], until: dt.datetime | None) -> str:
    """The work order, if all is about one; the day of a digest; and what the mail says."""
    number = _only_number(sections)
    first = number or (day_text(until.date()) if until else "")
    headings = [section.heading for section in sections]
    kinds = ", ".join(headings[:NAMED])
    rest = f" and {len(headings) - NAMED} more" if len(headings) > NAMED else ""
    return f"{first}: {kinds}{rest} – {portal_name()}".removeprefix(": ")


def _only_number(sections: list[Section]) -> str:
    """The number of the work order that the whole mail is about, if it is one."""
    numbers = {row.work_order.number for row in _rows(sections)}
    return numbers.pop() if len(numbers) == 1 else ""


def _headers(sections: list[Section]) -> dict[str, str]:
    """Mails about one work order are shown together; a press leads to what one is mailed of."""
    choices = f"{settings.PORTAL_BASE_URL}{reverse('notification-choices')}"
    headers = {"List-Unsubscribe": f"<{choices}>"}
    if number := _only_number(sections):
        thread = f"<work-order-{number}@{settings.PORTAL_BASE.hostname}>"
        headers |= {"References": thread, "In-Reply-To": thread}
    return headers


def _context(recipient: Recipient, sections: list[Section]) -> dict[str, Any]:
    return {
        "name": recipient.user.get_short_name() if recipient.user else recipient.partner,
        "sections": sections,
        "base": settings.PORTAL_BASE_URL,
        "portal": portal_name(),
        "is_shared": recipient.user is None,
    }
