"""What a Target SLA is computed from: territories with their business calendar, entitlements, carrier services."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

from portal.people.constraints import fits, one_of
from workorders.states import StartWithoutParts


def saturday_and_sunday() -> list[int]:
    return [5, 6]


def validate_weekend(days: object) -> None:
    if not isinstance(days, list) or not all(type(day) is int and 0 <= day <= 6 for day in days) or len(set(days)) > 6:
        raise ValidationError("A list of weekdays, Monday 0 to Sunday 6, that leaves one to work, such as [5, 6].")


class ServiceTerritory(models.Model):
    """Where the work is. Its business calendar: weekend, covered days, and the rows of `days`."""

    name = models.CharField(max_length=60, unique=True)
    country = models.CharField(max_length=2)
    subdivision = models.CharField(max_length=10, blank=True)
    weekend = models.JSONField(default=saturday_and_sunday, validators=[validate_weekend])
    first = models.DateField("first day covered")
    last = models.DateField("last day covered")
    revision = models.PositiveIntegerField(default=1, editable=False)  # grows with every change of the calendar

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "service territories"
        constraints = [
            *fits("territory", name=60, country=2, subdivision=10),
            models.CheckConstraint(name="territory_covers_days", condition=Q(first__lte=F("last"))),
        ]

    def __str__(self) -> str:
        return self.name


class CalendarDay(models.Model):
    """A day on which a territory differs from its week: closed, with the holiday's name, or worked."""

    territory = models.ForeignKey(ServiceTerritory, models.CASCADE, related_name="days")
    day = models.DateField()
    name = models.CharField(max_length=200)
    worked = models.BooleanField(default=False)

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["territory", "day"], name="calendar_day_stands_once"),
            *fits("calendar_day", name=200),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.name}"


class Entitlement(models.Model):
    """The service or warranty that work is done under, with its service level."""

    name = models.CharField(max_length=60, unique=True)
    business_days = models.PositiveSmallIntegerField()
    start_without_parts = models.CharField(max_length=16, choices=StartWithoutParts)

    class Meta:
        ordering = ["name"]
        constraints = [
            *fits("entitlement", name=60),
            one_of("entitlement", "start_without_parts", StartWithoutParts.values),
            models.CheckConstraint(name="entitlement_days_are_few", condition=Q(business_days__lte=250)),
        ]

    def __str__(self) -> str:
        return self.name


class CarrierService(models.Model):
    """How many business days a carrier's service takes: the EDD where the carrier gives none."""

    carrier = models.CharField(max_length=40)
    service = models.CharField(max_length=60)
    transit_business_days = models.PositiveSmallIntegerField(validators=[MinValueValidator(0)])
    tracking_url = models.CharField(
        "tracking page",
        max_length=200,
        blank=True,
        validators=[RegexValidator(r"^https://[^\s{}]+\{number\}[^\s{}]*$", "An https address with {number} in it.")],
        help_text="Where a shipment is tracked; {number} stands for the tracking number.",
    )

    class Meta:
        ordering = ["carrier", "service"]
        constraints = [
            models.UniqueConstraint(fields=["carrier", "service"], name="carrier_service_stands_once"),
            *fits("carrier_service", carrier=40, service=60, tracking_url=200),
            models.CheckConstraint(name="transit_days_are_few", condition=Q(transit_business_days__lte=60)),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.service}"
