"""The work order."""

import datetime as dt

from django.core.validators import validate_slug
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Lower, NullIf
from django.utils import timezone

from portal.constraints import fits, one_of
from portal.people.ship_to import SHIP_TO_LENGTHS, ShipToFields
from workorders.models.by_value import ByValue, by_value
from workorders.models.queries import WorkOrderQuerySet
from workorders.states import OPEN, CouldNotCompleteReason, Status, WaitsFor, WorkType


class WorkOrder(ShipToFields):
    """A task at a station for an account. Only services write it, only transitions its `status`."""

    # part of its URL
    number = models.CharField(max_length=30, unique=True, validators=[validate_slug])
    case_number = models.CharField("case", max_length=30, blank=True)
    subject = models.CharField(max_length=200)
    description = models.TextField(max_length=10_000, blank=True)
    work_type = models.CharField(max_length=16, choices=WorkType)
    status = models.CharField(max_length=20, choices=Status, default=Status.ASSIGNED)
    partner = models.ForeignKey("people.Partner", models.PROTECT, related_name="work_orders")
    site = models.ForeignKey("workorders.Site", models.PROTECT, related_name="work_orders")
    station = models.ForeignKey("workorders.Station", models.PROTECT, related_name="work_orders")
    territory = models.ForeignKey(
        "workorders.ServiceTerritory", models.PROTECT, related_name="work_orders"
    )
    entitlement = models.ForeignKey(
        "workorders.Entitlement", models.PROTECT, related_name="work_orders"
    )

    parts_required = models.BooleanField(default=False)
    images_required = models.BooleanField("images required", default=False)
    return_parts_required = models.BooleanField("old parts go back", default=False)
    poc_name = models.CharField("POC name", max_length=120, blank=True)
    poc_phone = models.CharField("POC phone", max_length=32, blank=True)
    poc_email = models.EmailField("POC e-mail", max_length=254, blank=True)
    second_poc_name = models.CharField("second POC name", max_length=120, blank=True)
    second_poc_phone = models.CharField("second POC phone", max_length=32, blank=True)
    second_poc_email = models.EmailField("second POC e-mail", max_length=254, blank=True)
    second_poc_is_partners = models.BooleanField(default=False, editable=False)  # not staff's
    access_notes = models.CharField(max_length=1000, blank=True)
    partner_notes = models.CharField("partner's requirements", max_length=1000, blank=True)

    # Dates at the site
    assigned_on = models.DateField("assigned")
    accepted_on = models.DateField("accepted", null=True, blank=True)
    completed_at = models.DateTimeField("completed", null=True, blank=True)

    # What follows from the rest, written in the same transaction; in a later cycle staff set the
    # target, or there is none
    target_on = models.DateField("Target SLA", null=True, blank=True)
    # why there is no target
    waits_for = models.CharField(max_length=10, choices=WaitsFor, blank=True)
    start_on = models.DateField("counted from", null=True, blank=True)  # docs/rules.md, rule 2
    # of the territory
    target_revision = models.PositiveIntegerField("calendar revision", null=True, blank=True)
    # of the entitlement
    level_revision = models.PositiveIntegerField("service level revision", null=True, blank=True)
    # the earliest EDD of required parts still under way
    parts_due_on = models.DateField(null=True, blank=True)
    appointment = models.OneToOneField(
        "workorders.Appointment", models.PROTECT, null=True, blank=True, related_name="stands_for"
    )
    # Frozen at completion, and when late work could not be completed: the target, the date judged
    # by it, and how late that was in business days
    outcome_target_on = models.DateField(null=True, blank=True)
    outcome_on = models.DateField(null=True, blank=True)
    outcome_days_late = models.PositiveSmallIntegerField(null=True, blank=True)
    outcome_nobody_there = models.BooleanField(default=False)
    # what the target was computed with, from the first end on, see `explaining`
    target_basis = models.JSONField(default=dict, blank=True, editable=False)
    visited_on = models.DateField("first visit", null=True, blank=True)  # of this cycle
    nobody_there = models.BooleanField(default=False)  # at that visit
    # the target that judges it, where a later change has left none (docs/rules.md, rule 6)
    kept_target_on = models.DateField(null=True, blank=True)
    # The latest day that was booked in time, and the target by which it was (docs/rules.md, rule 6)
    protected_until = models.DateField(null=True, blank=True)
    protected_by = models.DateField(null=True, blank=True)
    cycle = models.PositiveSmallIntegerField(default=1)  # counts up when the work is sent back
    photos_from = models.PositiveSmallIntegerField("photos count from cycle", default=1)
    # only after the first cycle
    target_reason = models.CharField("target set by staff", max_length=300, blank=True)
    # the last delivery when staff set that target; a later one asks whether the target moves
    known_delivery_on = models.DateField(null=True, blank=True)
    proposed_target_on = models.DateField("proposed Target SLA", null=True, blank=True)
    # the status before the hold
    held_from = models.CharField(max_length=20, choices=Status, blank=True)
    # when another partner got the work last; see `PastAssignment`
    partner_since = models.DateTimeField(null=True, blank=True, editable=False)
    follows = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="followed_by",
        verbose_name="follow-on of",
    )
    # `is_open` and "accepted, open and without an appointment" as the database computes them, for
    # conditions and indexes: those of a row that is being written are out of date
    counts_as_open = models.GeneratedField(
        expression=Case(When(status__in=sorted(OPEN), then=True), default=False),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    counts_as_bookable = models.GeneratedField(
        expression=Case(
            When(
                status__in=sorted(OPEN),
                accepted_on__isnull=False,
                appointment__isnull=True,
                then=True,
            ),
            default=False,
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    give_up_reason = models.CharField(max_length=20, choices=CouldNotCompleteReason, blank=True)
    search_text = models.TextField(blank=True, editable=False)
    number_by_value = models.GeneratedField(
        expression=ByValue("number"), output_field=models.TextField(), db_persist=True
    )
    case_by_value = models.GeneratedField(
        expression=NullIf(ByValue("case_number"), Value(by_value(""), models.TextField())),
        output_field=models.TextField(),
        db_persist=True,
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = WorkOrderQuerySet.as_manager()

    class Meta:
        ordering = ["number_by_value"]
        constraints = [
            *fits(
                "work_order",
                number=30,
                case_number=30,
                subject=200,
                description=10_000,
                poc_name=120,
            ),
            *fits("work_order", second_poc_name=120, second_poc_phone=32, second_poc_email=254),
            *fits(
                "work_order",
                poc_phone=32,
                poc_email=254,
                access_notes=1000,
                partner_notes=1000,
                **SHIP_TO_LENGTHS,
            ),
            models.CheckConstraint(
                name="work_order_number_is_plain", condition=Q(number__regex=r"^[-a-zA-Z0-9_]+$")
            ),
            one_of("work_order", "status", Status.values),
            one_of("work_order", "work_type", WorkType.values),
            one_of("work_order", "waits_for", ["", *WaitsFor.values]),
            one_of("work_order", "held_from", ["", *Status.values]),
            one_of("work_order", "give_up_reason", ["", *CouldNotCompleteReason.values]),
            models.CheckConstraint(
                name="work_order_on_hold_knows_where_from",
                condition=Q(status=Status.ON_HOLD) & ~Q(held_from="")
                | ~Q(status=Status.ON_HOLD) & Q(held_from=""),
            ),
            models.CheckConstraint(
                name="work_order_is_accepted_after_assignment",
                condition=Q(accepted_on=None) | Q(accepted_on__gte=F("assigned_on")),
            ),
            models.CheckConstraint(
                name="work_order_beyond_assigned_is_accepted",
                condition=Q(accepted_on__isnull=False)
                | Q(
                    status__in=[
                        Status.ASSIGNED,
                        Status.ON_HOLD,
                        Status.COULD_NOT_COMPLETE,
                        Status.CANCELED,
                    ]
                ),
            ),
            models.CheckConstraint(
                name="work_order_target_is_not_before_its_start",
                condition=Q(target_on=None)
                | Q(start_on=None)
                | Q(target_on__gte=F("start_on"))
                | Q(cycle__gt=1),
            ),
            models.CheckConstraint(
                name="work_order_target_is_set_after_the_first_cycle",
                condition=Q(target_reason="") | Q(cycle__gt=1, target_on__isnull=False),
            ),
            models.CheckConstraint(
                name="work_order_protected_day_was_booked_in_time",
                condition=Q(protected_until=None, protected_by=None)
                | Q(protected_until__lte=F("protected_by")),
            ),
            models.CheckConstraint(
                name="work_order_is_completed_at_a_time",
                condition=~Q(status__in=[Status.COMPLETED, Status.CLOSED])
                | Q(completed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["number_by_value"], name="work_order_by_value"),
            models.Index(fields=["partner", "number_by_value"], name="work_order_by_number"),
            models.Index(
                fields=["partner", "case_by_value", "number_by_value"],
                name="work_order_by_case_value",
            ),
            models.Index(
                fields=["partner", "status", "target_on", "number_by_value"], name="work_order_list"
            ),
            # With status and key, the list's first page needs only the index
            models.Index(
                fields=["partner", "target_on", "number_by_value", "status", "id"],
                name="work_order_by_target",
            ),
            models.Index(
                fields=["partner", "target_on", "number_by_value"],
                name="open_work_of_a_partner",
                condition=Q(counts_as_open=True),
            ),
            models.Index(
                fields=["target_on", "number_by_value"],
                name="open_work_by_target",
                condition=Q(counts_as_open=True),
            ),
            models.Index(
                fields=["site", "number_by_value"],
                name="bookable_work_of_a_site",
                condition=Q(counts_as_bookable=True),
            ),
            models.Index(
                fields=["territory", "partner", "appointment"],
                name="booked_work_of_a_territory",
                condition=Q(counts_as_open=True, appointment__isnull=False),
            ),
            models.Index(
                fields=["waits_for"],
                name="open_work_beyond_its_calendar",
                condition=Q(counts_as_open=True, waits_for=WaitsFor.CALENDAR),
            ),
            models.Index(
                fields=["proposed_target_on"],
                name="open_work_to_be_retargeted",
                condition=Q(counts_as_open=True, proposed_target_on__isnull=False),
            ),
            models.Index(fields=["case_number"], name="work_order_by_case"),
            models.Index(Lower("number"), name="work_order_by_any_case"),
            models.Index(fields=["poc_email"], name="work_order_by_poc_email"),
            models.Index(fields=["second_poc_email"], name="work_order_by_second_poc"),
            models.Index(
                fields=["territory", "target_on", "start_on"], name="work_order_by_calendar"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def is_assigned(self) -> bool:
        return self.status == Status.ASSIGNED

    @property
    def is_in_progress(self) -> bool:
        return self.status == Status.IN_PROGRESS

    @property
    def is_on_hold(self) -> bool:
        return self.status == Status.ON_HOLD

    @property
    def is_canceled(self) -> bool:
        return self.status == Status.CANCELED

    @property
    def could_not_complete(self) -> bool:
        return self.status == Status.COULD_NOT_COMPLETE

    @property
    def was_sent_back(self) -> bool:
        """Completed once, and more to do: this is not its first cycle."""
        return self.cycle > 1

    @property
    def asked_for(self) -> list[str]:
        """What is to be given beyond the work itself."""
        images = ["images to upload"] if self.images_required else []
        return images + (["old parts returned"] if self.return_parts_required else [])

    @property
    def has_outcome(self) -> bool:
        """The outcome of the first cycle is frozen."""
        return self.outcome_days_late is not None

    @property
    def follows_target(self) -> bool:
        """Whether changes still move the target: until the first completion (docs/rules.md, rule
        6).
        """
        return self.is_open and not self.has_outcome

    @property
    def current_target_on(self) -> dt.date | None:
        """The target, unless a hold stops the clock: then nothing is judged by it (docs/rules.md,
        rule 5).
        """
        return None if self.clock_is_stopped else self.target_on

    @property
    def judging_target_on(self) -> dt.date | None:
        """The target that judges the first visit, also when a later change has left none."""
        return self.current_target_on or self.kept_target_on

    @property
    def clock_is_stopped(self) -> bool:
        """An open hold keeps the target away, or keeps one that staff set from being missed."""
        return self.waits_for == WaitsFor.HOLD

    def site_today(self, now: dt.datetime | None = None) -> dt.date:
        """Today's date at the site; fetch the site with the row."""
        return (now or timezone.now()).astimezone(self.site.zone).date()
