"""Writes notifications for people and shared mailboxes, in the transaction that causes them."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from django.db.models import Q
from django.utils import timezone

from portal.people.models import Partner, User
from portal.people.roles import DISPATCHING, PARTNER_ROLES, Right, Role
from workorders.models import Notification
from workorders.models.notifications import ROUTING, Timing, timing_for
from workorders.services.notifications.notices import Notice

BATCH = 2000  # rows per statement


_collected: ContextVar[list[tuple[Notice, dt.datetime]] | None] = ContextVar(
    "collected", default=None
)


def notify(notices: Collection[Notice], *, at: dt.datetime | None = None) -> None:
    """Notify everyone concerned: one query finds the people, one writes up to BATCH rows."""
    now, collected = at or timezone.now(), _collected.get()
    timed_notices = [(notice, now) for notice in notices]
    if collected is None:
        _save_notifications(timed_notices)
    else:
        collected += timed_notices


@contextmanager
def collect_notices() -> Iterator[None]:
    """Collect the notices of many writes, and write them together at the end; none on an error."""
    outer, timed_notices = _collected.get(), list[tuple[Notice, dt.datetime]]()
    token = _collected.set(timed_notices)
    try:
        yield
    finally:
        _collected.reset(token)
    if outer is None:
        _save_notifications(timed_notices)
    else:
        outer += timed_notices


def _save_notifications(timed_notices: Sequence[tuple[Notice, dt.datetime]]) -> None:
    if not timed_notices:
        return
    candidates = _candidates([notice for notice, _ in timed_notices])
    mailboxes = {
        user.partner_id: user.partner
        for user in candidates
        if user.partner and user.partner.shared_mailbox
    }
    rows: list[Notification] = []
    for notice, at in timed_notices:
        rows += _to_people(notice, candidates, at)
        rows += _to_mailbox(notice, mailboxes.get(notice.partner_id), at)
    some_once = any(notice.once for notice, _ in timed_notices)
    Notification.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=some_once)


def _candidates(notices: Collection[Notice]) -> Sequence[User]:
    """Everyone who may be concerned; of staff those who may read work orders."""
    roles = frozenset[Role]().union(*(ROUTING[notice.kind].roles for notice in notices))
    partners = {notice.partner_id for notice in notices}
    concerned = Q(partner__in=partners, role__in=PARTNER_ROLES)
    if Role.STAFF in roles:
        concerned |= Q(pk__in=User.objects.staff_with(Right.READ).values("pk"))
    people = User.objects.filter(concerned, is_active=True)
    return list(people.select_related("partner"))


def _to_people(
    notice: Notice, candidates: Sequence[User], now: dt.datetime
) -> Iterator[Notification]:
    for user in candidates:
        if user != notice.by and _concerns(notice, user):
            timing = timing_for(user, notice.kind)
            if notice.cannot_wait and timing == Timing.DIGEST:
                timing = Timing.AT_ONCE
            yield _row(notice, timing, now, user=user)


def _concerns(notice: Notice, user: User) -> bool:
    row = notice.work_order
    if user.role not in ROUTING[notice.kind].roles:
        return False
    if user.is_staff:
        return True
    if user.partner_id != notice.partner_id:
        return False
    if notice.to is not None:
        return user.pk == notice.to
    if user.role != Role.TECHNICIAN:
        return True
    return row.appointment is not None and row.appointment.technician_id == user.pk


def _to_mailbox(
    notice: Notice, partner: Partner | None, now: dt.datetime
) -> Iterator[Notification]:
    """A notification for the shared mailbox, if it is for dispatchers and none of them did it."""
    is_theirs = notice.by is not None and partner is not None and notice.by.partner_id == partner.pk
    route = ROUTING[notice.kind]
    if partner and not is_theirs and route.roles & DISPATCHING:
        yield _row(notice, route.timing, now, mailbox_of=partner)


def _row(
    notice: Notice,
    timing: Timing,
    now: dt.datetime,
    *,
    user: User | None = None,
    mailbox_of: Partner | None = None,
) -> Notification:
    mailbox = mailbox_of.pk if mailbox_of else ""
    recipient = f"{user.pk}" if user else f"mailbox-{mailbox}"
    return Notification(
        work_order_id=notice.work_order.pk,
        kind=notice.kind,
        text=notice.text,
        user=user,
        mailbox_of=mailbox_of,
        how=timing,
        at=now,
        mailed_at=now if timing == Timing.PAGE else None,
        once=f"{notice.once}-{notice.work_order.pk}-{recipient}" if notice.once else None,
    )
