"""Entitlements with the revisions of their service level; carrier services."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.constraints import fits, one_of
from workorders.states import StartWithoutParts


class ServiceLevel(models.Model):
    """The promise: a number of business days after the start day (docs/rules.md, rules 1 and 2)."""

    business_days = models.PositiveSmallIntegerField(validators=[MaxValueValidator(250)])
    start_without_parts = models.CharField(
        max_length=16,
        choices=StartWithoutParts,
        help_text="If no parts are required; otherwise, delivery of the last required part.",
    )
    from_next_business_day = models.BooleanField(
        "a closed start day counts as the next business day",
        default=False,
        help_text=(
            "Delivery on a Saturday and one business day: Monday; with this option, Tuesday. Zero"
            " business days always mean the start day, or the next business day if it is closed."
        ),
    )

    class Meta:
        abstract = True


class Entitlement(ServiceLevel):
    """The service or warranty that work is done under, with its newest service level.

    `applied_revision` is the revision that the Target SLA of all open work follows.
    """

    name = models.CharField(max_length=60, unique=True)
    # grows with every change of the service level
    revision = models.PositiveIntegerField(default=1, editable=False)
    applied_revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            *fits("entitlement", name=60),
            one_of("entitlement", "start_without_parts", StartWithoutParts.values),
            models.CheckConstraint(
                name="entitlement_days_are_few", condition=Q(business_days__lte=250)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ServiceLevelRevision(ServiceLevel):
    """One revision of an entitlement's service level: what changed, when and by whom."""

    entitlement = models.ForeignKey(Entitlement, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    what = models.CharField(max_length=1000)
    # None: the system
    made_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["entitlement", "number"], name="service_level_revision_stands_once"
            ),
            *fits("service_level_revision", what=1000),
        ]

    def __str__(self) -> str:
        return f"Service level {self.entitlement}, revision {self.number}"


class CarrierService(models.Model):
    """How many business days a carrier's service takes, for an EDD where the carrier gives none."""

    carrier = models.CharField(max_length=40)
    service = models.CharField(max_length=60)
    transit_business_days = models.PositiveSmallIntegerField(validators=[MinValueValidator(0)])
    tracking_url = models.CharField(
        "tracking page",
        max_length=200,
        blank=True,
        validators=[
            RegexValidator(
                r"^https://[^\s{}]+\{number\}[^\s{}]*$",
                "Enter an https address with {number} in it.",
            )
        ],
        help_text="The page that tracks a shipment, with {number} for the tracking number.",
    )

    class Meta:
        ordering = ["carrier", "service"]
        constraints = [
            models.UniqueConstraint(
                fields=["carrier", "service"], name="carrier_service_stands_once"
            ),
            *fits("carrier_service", carrier=40, service=60, tracking_url=200),
            models.CheckConstraint(
                name="transit_days_are_few", condition=Q(transit_business_days__lte=60)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.service}"
