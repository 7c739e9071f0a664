"""RMA/FSO shipments: parts on their way to the partner, and old ones on their way back."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from portal.people.constraints import fits, one_of
from workorders.states import Direction, ShipmentKind, ShipmentStatus


class Shipment(models.Model):
    """Reached through its work order only, so that nobody sees one whose work order is another partner's."""

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
    edd_is_computed = models.BooleanField("estimated delivery counted from the pick-up", default=False)
    delivered_on = models.DateField("delivered date", null=True, blank=True)
    reported_by_partner = models.BooleanField(default=False)  # until staff or the carrier confirm

    class Meta:
        ordering = ["number"]
        indexes = [
            models.Index(
                fields=["estimated_delivery_on"],
                condition=Q(edd_is_computed=True, delivered_on=None),
                name="shipment_by_computed_edd",
            )
        ]
        constraints = [
            *fits("shipment", number=30, carrier=40, service=60, tracking_number=60),
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
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def decides(self) -> bool:
        """Whether the work order's status and Target SLA follow this shipment."""
        return self.required and self.direction == Direction.OUTBOUND

    @property
    def is_delivered(self) -> bool:
        return self.status == ShipmentStatus.DELIVERED


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

    def __str__(self) -> str:
        return f"{self.quantity} × {self.part_number}"
