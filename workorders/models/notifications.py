"""Notifications of what happens to a work order, for people and partners' shared mailboxes."""

import datetime as dt
from typing import NamedTuple, Self

from django.db import models
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    Subquery,
    TextChoices,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils import timezone

from portal.constraints import fits, one_of
from portal.people.models import Partner, User
from portal.people.roles import DISPATCHING, PARTNER_ROLES, Right, Role
from workorders import keyset
from workorders.dates import render_dates
from workorders.keyset import Key, Keyset
from workorders.models.rare import where_present
from workorders.models.shipments import Shipment
from workorders.models.work_orders import WorkOrder
from workorders.states import ENDED, OPEN, Direction, ShipmentStatus, Status, WaitsFor

SETTLING = dt.timedelta(minutes=1)  # notifications this close together share a mail
RETENTION = dt.timedelta(days=180)
TEXT_LENGTH = 600


class Timing(TextChoices):
    """When a notification is mailed; the page always has it."""

    AT_ONCE = "at-once", "At once"
    DIGEST = "digest", "In the digest at 7:00"
    PAGE = "page", "Only on this page"


class Kind(TextChoices):
    NEW = "new", "New work order"
    SHIPPED = "shipped", "Parts shipped"
    EDD_MOVED = "edd-moved", "Estimated Delivery Date moved"
    BOOKING_BROKEN = "booking-broken", "Parts arrive after the appointment"
    DELIVERED = "delivered", "Parts delivered"
    TARGET_MOVED = "target-moved", "Target SLA moved"
    TARGET_NEAR = "target-near", "Target SLA near, no appointment"
    BECAME_LATE = "became-late", "Appointment now late"
    BOOKED = "booked", "Your appointments"
    TIME_ZONE_CHANGED = "time-zone-changed", "Time zone of a site changed"
    ANSWER_WANTED = "answer-wanted", "Answer needed"
    DELAY_EXCUSED = "judged", "Delay excused"
    ASSISTANCE_ANSWERED = "assistance-answered", "Assistance answered"
    MESSAGE = "message", "Message in Collaborate"
    HELD = "held", "On hold"
    HOLD_OVER = "hold-over", "Hold to resume"
    RESUMED = "resumed", "Resumed"
    CANCELED = "canceled", "Canceled"
    TAKEN_AWAY = "taken-away", "Given to another partner"
    SENT_BACK = "sent-back", "Sent back"
    CLOSED = "closed", "Closed"
    ASSISTANCE_ASKED = "assistance-asked", "Assistance requested"
    PARTNER_MESSAGE = "partner-message", "Message from a partner"
    REASON_GIVEN = "reason-given", "Reason for delay given"
    VERDICT_ANSWERED = "verdict-answered", "Verdict answered"
    PARTS_REPORTED = "parts-reported", "Parts damaged or missing"
    COULD_NOT_COMPLETE = "given-up", "Could Not Complete"


class Route(NamedTuple):
    """Who is notified, and when unless they chose otherwise; technicians only of their bookings."""

    roles: frozenset[Role]
    timing: Timing = Timing.DIGEST


AT_SITE = PARTNER_ROLES
STAFF = frozenset({Role.STAFF})
ROUTING = {
    Kind.NEW: Route(DISPATCHING),
    Kind.SHIPPED: Route(DISPATCHING),
    Kind.EDD_MOVED: Route(DISPATCHING),
    Kind.BOOKING_BROKEN: Route(AT_SITE, Timing.AT_ONCE),
    Kind.DELIVERED: Route(AT_SITE, Timing.AT_ONCE),
    Kind.TARGET_MOVED: Route(DISPATCHING),
    # sent in the site's business hours, while there is time to act
    Kind.TARGET_NEAR: Route(DISPATCHING, Timing.AT_ONCE),
    Kind.BECAME_LATE: Route(DISPATCHING, Timing.AT_ONCE),  # it asks for a reason
    Kind.BOOKED: Route(frozenset({Role.TECHNICIAN})),
    Kind.TIME_ZONE_CHANGED: Route(AT_SITE),
    Kind.ANSWER_WANTED: Route(DISPATCHING, Timing.AT_ONCE),
    Kind.DELAY_EXCUSED: Route(DISPATCHING),
    Kind.ASSISTANCE_ANSWERED: Route(DISPATCHING),
    Kind.MESSAGE: Route(DISPATCHING),
    Kind.HELD: Route(AT_SITE, Timing.AT_ONCE),
    Kind.HOLD_OVER: Route(DISPATCHING | STAFF),
    Kind.RESUMED: Route(AT_SITE),
    Kind.CANCELED: Route(AT_SITE, Timing.AT_ONCE),
    Kind.TAKEN_AWAY: Route(DISPATCHING, Timing.AT_ONCE),
    Kind.SENT_BACK: Route(AT_SITE, Timing.AT_ONCE),
    Kind.CLOSED: Route(DISPATCHING),
    Kind.ASSISTANCE_ASKED: Route(STAFF, Timing.AT_ONCE),
    Kind.PARTNER_MESSAGE: Route(STAFF),
    Kind.REASON_GIVEN: Route(STAFF),
    Kind.VERDICT_ANSWERED: Route(STAFF),
    Kind.PARTS_REPORTED: Route(STAFF),
    Kind.COULD_NOT_COMPLETE: Route(STAFF),
}


_TABS = {
    "rma-fso": {Kind.SHIPPED, Kind.EDD_MOVED, Kind.DELIVERED, Kind.PARTS_REPORTED},
    "collaborate": {
        Kind.MESSAGE,
        Kind.PARTNER_MESSAGE,
        Kind.ASSISTANCE_ASKED,
        Kind.ASSISTANCE_ANSWERED,
    },
    "answer-verdict": {Kind.ANSWER_WANTED},
}
# the tab that shows more; Details for all other kinds
TABS = {kind: tab for tab, kinds in _TABS.items() for kind in kinds}


_TIMINGS = {timing.value: timing for timing in Timing}


def kinds_for(role: str) -> list[Kind]:
    """The kinds that someone in this role can get, in the order of a work order's life."""
    return [kind for kind, route in ROUTING.items() if role in route.roles]


def timing_for(user: User, kind: Kind) -> Timing:
    """How the person is notified: as they chose, else as the kind is by default.

    By default, dispatchers of a partner with a shared mailbox get no mail of their own.
    """
    if chosen := _TIMINGS.get(user.notification_preferences.get(kind)):
        return chosen
    in_mailbox = (
        user.role in DISPATCHING and user.partner is not None and user.partner.shared_mailbox
    )
    return Timing.PAGE if in_mailbox else ROUTING[kind].timing


NEWEST_FIRST = Keyset(Key("pk", keyset.number, descending=True))


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, user: User) -> Self:
        """A person's own, if it is still theirs to read; of work that has gone to another partner
        that it has, and no more.

        `is_open_to_recipient` is whether they can still open the work order.
        """
        own = self.filter(user=user) if user.may_read else self.none()
        if not user.is_staff:
            theirs = Q(work_order__partner=user.partner_id)
            own = own.filter(theirs | Q(kind=Kind.TAKEN_AWAY))
        return own.annotate(
            is_open_to_recipient=Exists(
                WorkOrder.objects.visible_to(user).filter(pk=OuterRef("work_order"))
            )
        )

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def to_be_mailed(self, timing: Timing) -> Self:
        """Notifications that are not in a mail yet."""
        return self.filter(mailed_at=None, how=timing)

    def worth_mailing(self) -> Self:
        """Without those that are out of date, or no longer the recipient's business."""
        has_it = Q(user__partner=F("work_order__partner")) | Q(mailbox_of=F("work_order__partner"))
        staffs = Q(user__partner=None, user__in=User.objects.staff_with(Right.READ))
        left = Q(user=None) | Q(user__is_active=True)
        taken = Q(kind=Kind.TAKEN_AWAY)
        return self.filter(
            left,
            taken & ~has_it | ~taken & (has_it | staffs),
            ~Q(kind=Kind.TARGET_NEAR) | _is_near(),
        ).exclude(_overtaken())

    def for_mailbox(self, partner: Partner) -> Self:
        """Return those for a partner's shared mailbox, with `is_open_to_recipient`."""
        has_it = Case(When(work_order__partner=partner, then=True), default=False)
        return self.filter(mailbox_of=partner, user=None).annotate(is_open_to_recipient=has_it)

    def outdated(self) -> Self:
        return self.filter(at__lt=timezone.now() - RETENTION, mailed_at__isnull=False)


def _is_near() -> Q:
    """The target that a reminder names is the current one, and a booking is still missing."""
    target = Cast("work_order__target_on", TextField())
    name = Concat(Value("near-"), target, Value("-"), output_field=TextField())
    idle = Q(work_order__appointment=None, work_order__visited_on=None)
    clock_runs = ~Q(work_order__waits_for=WaitsFor.HOLD)
    return Q(work_order__status__in=OPEN, once__startswith=name) & idle & clock_runs


# Of these the last one about a work order says all that is true.
_STATES = (
    Kind.BOOKED,
    Kind.BOOKING_BROKEN,
    Kind.BECAME_LATE,
    Kind.TARGET_MOVED,
    Kind.TIME_ZONE_CHANGED,
    Kind.HELD,
    Kind.RESUMED,
    Kind.CANCELED,
    Kind.SENT_BACK,
    Kind.CLOSED,
    Kind.REASON_GIVEN,
    Kind.COULD_NOT_COMPLETE,
)
_VERDICTS = (Kind.DELAY_EXCUSED, Kind.ANSWER_WANTED)  # the last of either


class Notification(models.Model):
    """Written in the transaction that causes it; a later mail holds one or many of them.

    `mailed_at` is when that was done, or when it was found that none is wanted.
    """

    work_order = models.ForeignKey(WorkOrder, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=24, choices=Kind)
    text = models.CharField(max_length=TEXT_LENGTH)  # with dates as `date_placeholder` has them
    user = models.ForeignKey("people.User", models.CASCADE, null=True, related_name="notifications")
    mailbox_of = models.ForeignKey(
        "people.Partner", models.CASCADE, null=True, related_name="+", db_index=False
    )
    how = models.CharField(max_length=8, choices=Timing)
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    mail = models.CharField(max_length=60, blank=True)  # the key of the message in the outbox
    once = models.CharField(max_length=100, null=True, unique=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            *fits("notification", text=TEXT_LENGTH, mail=60, once=100),
            one_of("notification", "kind", Kind.values),
            one_of("notification", "how", Timing.values),
            models.CheckConstraint(
                name="notification_is_for_a_person_or_a_mailbox",
                condition=Q(user=None, mailbox_of__isnull=False)
                | Q(user__isnull=False, mailbox_of=None),
            ),
        ]
        indexes = [
            *where_present("notification", "mailbox_of"),
            models.Index(fields=["user", "-id"], name="notification_page"),
            models.Index(fields=["user"], condition=Q(read_at=None), name="notification_unread"),
            models.Index(
                fields=["how", "at"], condition=Q(mailed_at=None), name="notification_to_be_mailed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text}"

    @property
    def plain_text(self) -> str:
        """The text with its dates in words, for mails; pages use the tag `notification_text`."""
        return render_dates(self.text, self.work_order.site.zone)

    @property
    def path(self) -> str:
        """The page that shows more, or on which staff act."""
        if self.kind in (Kind.REASON_GIVEN, Kind.VERDICT_ANSWERED):
            return f"{reverse('admin:workorders_missedslareason_changelist')}?review=waiting"
        return reverse(TABS.get(Kind(self.kind), "work-order"), args=[self.work_order.number])


def unread_of_person() -> Subquery:
    """How many each person has not read, for a query of people; None for none."""
    theirs = Notification.objects.filter(user=OuterRef("pk")).unread().order_by().values("user")
    return Subquery(theirs.annotate(n=Count("pk")).values("n"))


def _overtaken() -> Q:
    """What is no longer true: a later one says otherwise, or the work order does."""
    same_reader = Q(user=OuterRef("user")) | Q(mailbox_of=OuterRef("mailbox_of"))
    later = Notification.objects.filter(
        same_reader, work_order=OuterRef("work_order"), pk__gt=OuterRef("pk")
    )
    under_way = Shipment.objects.filter(
        work_order=OuterRef("work_order"), direction=Direction.OUTBOUND
    ).exclude(status=ShipmentStatus.DELIVERED)
    ended = Q(work_order__status__in=ENDED)
    is_held = Q(work_order__status=Status.ON_HOLD)
    return (
        Q(Exists(later.filter(kind=OuterRef("kind"))), kind__in=_STATES)
        | Q(Exists(later.filter(kind__in=_VERDICTS)), kind__in=_VERDICTS)
        | Q(kind__in=(Kind.SHIPPED, Kind.EDD_MOVED)) & ~Exists(under_way)
        | Q(kind=Kind.TARGET_NEAR, work_order__appointment__isnull=False)
        | Q(is_held, kind=Kind.RESUMED)
        | Q(kind__in=(Kind.HELD, Kind.HOLD_OVER)) & ~is_held
        | Q(ended, kind__in=(Kind.NEW, Kind.TARGET_NEAR))
        | Q(ended, kind=Kind.BOOKED, work_order__appointment__technician=F("user"))
    )
