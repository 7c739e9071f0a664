"""Who the work is for and where it is: account, site, station."""

import zoneinfo

from django.core.exceptions import ValidationError
from django.db import models

from portal.constraints import fits
from workorders.models.folded import FoldedField


def validate_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"{name} is not a time zone. Enter one such as America/Los_Angeles.")


class Account(models.Model):
    """The customer."""

    name = models.CharField(max_length=120, unique=True)
    folded = FoldedField(of="name")

    class Meta:
        ordering = ["name"]
        constraints = [*fits("account", name=120)]

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """A place of an account. Every date of a work order is a date in its time zone."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="sites")
    name = models.CharField(max_length=120)
    folded = FoldedField(of="name")
    street = models.CharField(max_length=200)
    city = models.CharField(max_length=120)
    region = models.CharField(max_length=60, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2)
    time_zone = models.CharField(max_length=60, validators=[validate_time_zone])

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "name"], name="site_is_known_by_account_and_name"
            ),
            *fits(
                "site",
                name=120,
                street=200,
                city=120,
                region=60,
                postal_code=20,
                country=2,
                time_zone=60,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.city}"

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def address(self) -> str:
        parts = [
            self.street,
            " ".join(filter(None, [self.city, self.region, self.postal_code])),
            self.country,
        ]
        return ", ".join(filter(None, parts))


class Station(models.Model):
    """A charger at a site."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="stations")
    serial = models.CharField(max_length=60, unique=True)
    folded = FoldedField(of="serial")
    model = models.CharField(max_length=60)
    location_note = models.CharField(max_length=200, blank=True, help_text="Level, bay, port")

    class Meta:
        ordering = ["serial"]
        constraints = [*fits("station", serial=60, model=60, location_note=200)]

    def __str__(self) -> str:
        return f"{self.model} · {self.serial}"
