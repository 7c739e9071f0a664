"""Where parts are sent: each partner's default address, and each work order's own."""

from typing import NamedTuple

from django.db import models

SHIP_TO_LENGTHS = {
    "ship_to_name": 120,
    "ship_to_phone": 32,
    "ship_to_street": 200,
    "ship_to_city": 120,
    "ship_to_region": 60,
    "ship_to_postal_code": 20,
    "ship_to_country": 2,
}


class ShipTo(NamedTuple):
    name: str
    phone: str
    street: str
    city: str
    region: str
    postal_code: str
    country: str  # ISO 3166-1 alpha-2


class ShipToFields(models.Model):
    ship_to_name = models.CharField("ship-to name", max_length=120, blank=True)
    ship_to_phone = models.CharField("ship-to phone", max_length=32, blank=True)
    ship_to_street = models.CharField("ship-to street", max_length=200, blank=True)
    ship_to_city = models.CharField("ship-to city", max_length=120, blank=True)
    ship_to_region = models.CharField("ship-to region", max_length=60, blank=True)
    ship_to_postal_code = models.CharField("ship-to postal code", max_length=20, blank=True)
    ship_to_country = models.CharField("ship-to country", max_length=2, blank=True)

    class Meta:
        abstract = True

    @property
    def ship_to(self) -> ShipTo | None:
        """The address, or None while the street is empty."""
        if not self.ship_to_street:
            return None
        return ShipTo(*(getattr(self, field) for field in SHIP_TO_LENGTHS))
