"""RMA/FSO shipments: parts on their way to the partner, and old or unused ones going back."""

from typing import Any, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from portal.constraints import fits, one_of
from portal.people.models import User
from portal.people.roles import Right, Role
from workorders import keyset
from workorders.keyset import Key, Keyset
from workorders.models.rare import where_present
from workorders.states import Direction, PartProblem, ShipmentKind, ShipmentStatus

BESIDE_TARGET = "not required for the target"
FIRST_DUE = Keyset(Key("return_due_on", keyset.day, can_be_empty=True), Key("number"))


class ShipmentQuerySet(models.QuerySet["Shipment"]):
    def visible_to(self, user: Any) -> Self:
        """Shipments of the work orders that this person may see."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        if user.is_staff:
            return self if user.may(Right.READ) else self.none()
        own = self.filter(work_order__partner_id=user.partner_id)
        if user.role == Role.TECHNICIAN:
            return own.filter(work_order__appointment__technician=user)
        return own

    def owed_back(self) -> Self:
        """Returns that have not arrived, in the order in which they are due."""
        owed = self.filter(direction=Direction.RETURN, is_void=False, delivered_on=None)
        return owed.order_by(*FIRST_DUE.order())

    def to_send_and_under_way(self) -> tuple[int, int]:
        """How many of these returns the partner still has, and how many are on their way."""
        to_send = models.Count("pk", filter=models.Q(status=ShipmentStatus.ORDERED))
        found = self.order_by().aggregate(to_send=to_send, owed=models.Count("pk"))
        return found["to_send"], found["owed"] - found["to_send"]


class Shipment(models.Model):
    """Always reached through its work order, so that no other partner can see it."""

    number = models.CharField(max_length=30, unique=True)
    work_order = models.ForeignKey("workorders.WorkOrder", models.PROTECT, related_name="shipments")
    kind = models.CharField(max_length=3, choices=ShipmentKind)
    direction = models.CharField(max_length=8, choices=Direction, default=Direction.OUTBOUND)
    status = models.CharField(max_length=9, choices=ShipmentStatus, default=ShipmentStatus.ORDERED)
    required = models.BooleanField(default=True, help_text="The work cannot begin without it.")
    carrier = models.CharField(max_length=40, blank=True)
    service = models.CharField(max_length=60, blank=True)
    tracking_number = models.CharField(max_length=60, blank=True)
    pick_up_on = models.DateField("pick-up date", null=True, blank=True)
    estimated_delivery_on = models.DateField("estimated delivery date", null=True, blank=True)
    edd_is_computed = models.BooleanField(
        "estimated delivery computed from the pick-up date", default=False
    )
    delivered_on = models.DateField("delivered date", null=True, blank=True)
    reported_by_partner = models.BooleanField(default=False)  # until staff or the carrier confirm
    # Only of a return
    return_due_on = models.DateField("return due", null=True, blank=True)
    return_due_is_default = models.BooleanField("return due by default", default=False)
    sent_on = models.DateField("sent back", null=True, blank=True)  # as reported by the partner
    is_unused = models.BooleanField("unused parts", default=False)  # not old parts
    is_void = models.BooleanField("no longer owed", default=False)
    # why staff do not need it
    waived_note = models.CharField("not needed back", max_length=1000, blank=True)

    objects = ShipmentQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        indexes = [
            models.Index(Lower("number"), name="shipment_by_any_case"),
            models.Index(
                fields=["estimated_delivery_on"],
                condition=Q(edd_is_computed=True, delivered_on=None),
                name="shipment_by_computed_edd",
            ),
            models.Index(
                fields=["return_due_on", "number"],
                condition=Q(direction=Direction.RETURN, is_void=False, delivered_on=None),
                name="shipment_by_return_due",
            ),
            models.Index(
                fields=["work_order"],
                condition=Q(reported_by_partner=True),
                name="shipment_reported_by_partner",
            ),
            models.Index(
                fields=["work_order", "return_due_on"],
                condition=Q(
                    direction=Direction.RETURN, is_void=False, status=ShipmentStatus.ORDERED
                ),
                name="shipment_to_be_sent_back",
            ),
        ]
        constraints = [
            *fits(
                "shipment", number=30, carrier=40, service=60, tracking_number=60, waived_note=1000
            ),
            one_of("shipment", "kind", ShipmentKind.values),
            one_of("shipment", "direction", Direction.values),
            one_of("shipment", "status", ShipmentStatus.values),
            models.CheckConstraint(
                name="shipment_is_delivered_on_a_day",
                condition=Q(status=ShipmentStatus.DELIVERED, delivered_on__isnull=False)
                | (~Q(status=ShipmentStatus.DELIVERED) & Q(delivered_on__isnull=True)),
            ),
            models.CheckConstraint(
                name="shipment_is_reported_when_delivered",
                condition=Q(reported_by_partner=False) | Q(status=ShipmentStatus.DELIVERED),
            ),
            models.CheckConstraint(
                name="shipment_is_sent_back_as_a_return",
                condition=Q(sent_on=None)
                | Q(direction=Direction.RETURN) & ~Q(status=ShipmentStatus.ORDERED),
            ),
            models.CheckConstraint(
                name="shipment_is_waived_as_a_return",
                condition=Q(waived_note="")
                | Q(direction=Direction.RETURN, status=ShipmentStatus.ORDERED, is_void=True),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def decides(self) -> bool:
        """Whether the work order's status and Target SLA follow this shipment (docs/rules.md, rule
        2).
        """
        return self.is_required_outbound and self.work_order.parts_required

    @property
    def is_required_outbound(self) -> bool:
        return self.required and self.direction == Direction.OUTBOUND

    @property
    def is_beside_target(self) -> bool:
        """Required, on a work order that requires no parts (docs/rules.md, rule 2)."""
        return self.is_required_outbound and not self.work_order.parts_required

    @property
    def is_delivered(self) -> bool:
        return self.status == ShipmentStatus.DELIVERED

    @property
    def is_return(self) -> bool:
        return self.direction == Direction.RETURN

    @property
    def is_to_be_sent(self) -> bool:
        """Whether it is a return that the partner still has."""
        return self.is_return and not self.is_void and self.status == ShipmentStatus.ORDERED

    @property
    def was_sent_out(self) -> bool:
        """Whether it is under way to the partner or there, so that its parts can be reported."""
        return not self.is_return and self.status != ShipmentStatus.ORDERED

    @property
    def is_waived(self) -> bool:
        """Whether staff do not need it back."""
        return self.waived_note != ""

    @property
    def state(self) -> str:
        """What has come of it, in words."""
        if self.is_waived:
            return "Not needed back"
        return "No longer owed" if self.is_void else self.get_status_display()

    @property
    def direction_in_words(self) -> str:
        if self.is_return:
            return f"Return of {self.returned_parts}"
        if not self.required:
            return "Outbound · not required for the work"
        return f"Outbound · {BESIDE_TARGET}" if self.is_beside_target else "Outbound"

    @property
    def returned_parts(self) -> str:
        return "unused parts" if self.is_unused else "old parts"

    @property
    def waives_old_parts(self) -> bool:
        return self.is_waived and not self.is_unused


class ShipmentPart(models.Model):
    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="parts")
    part_number = models.CharField(max_length=60)
    quantity = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    description = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            *fits("shipment_part", part_number=60, description=200),
            models.CheckConstraint(name="shipment_part_counts", condition=Q(quantity__gte=1)),
        ]
        indexes = [models.Index(fields=["part_number"], name="shipment_part_by_number")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.part_number}"


class PartReport(models.Model):
    """A partner's report of parts that arrived damaged or did not arrive.

    A replacement settles it, or staff with a note. The part is kept as text, so that the report
    stays as it is when a shipment's parts are entered again.
    """

    work_order = models.ForeignKey(
        "workorders.WorkOrder", models.PROTECT, related_name="part_reports"
    )
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="part_reports")
    part_number = models.CharField(max_length=60)
    description = models.CharField(max_length=200, blank=True)
    problem = models.CharField(max_length=8, choices=PartProblem)
    quantity = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    note = models.CharField(max_length=1000, blank=True)
    reported_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    reported_at = models.DateTimeField(default=timezone.now)
    settled_by = models.ForeignKey(
        "people.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_note = models.CharField(max_length=1000, blank=True)
    replacement = models.ForeignKey(
        Shipment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replaces",
        db_index=False,
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            *fits("part_report", part_number=60, description=200, note=1000, settled_note=1000),
            one_of("part_report", "problem", PartProblem.values),
            models.CheckConstraint(name="part_report_counts", condition=Q(quantity__gte=1)),
            models.CheckConstraint(
                name="part_report_is_settled_by_something",
                condition=Q(settled_at=None, settled_note="", replacement=None)
                | Q(settled_at__isnull=False)
                & (~Q(settled_note="") | Q(replacement__isnull=False)),
            ),
        ]
        indexes = [
            *where_present("part_report", "settled_by", "replacement"),
            models.Index(
                fields=["work_order"], condition=Q(settled_at=None), name="part_report_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.part_number} {self.get_problem_display().lower()}"

    @property
    def is_open(self) -> bool:
        return self.settled_at is None
