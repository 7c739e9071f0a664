"""A partner's depots, where its parts can be sent."""

from typing import Any

from django.db import models

from portal.constraints import fits
from portal.people.ship_to import SHIP_TO_LENGTHS, ShipToFields
from workorders.models.letters import Letters


class DepotQuerySet(models.QuerySet["Depot"]):
    def of(self, partner: Any) -> "DepotQuerySet":
        """A partner's depots, by name."""
        return self.filter(partner=partner).order_by(Letters("name"), "pk")

    def for_territory(self, territory: Any) -> "Depot | None":
        """The depot that is proposed for work in this territory."""
        return self.filter(territories=territory).first()


class Depot(ShipToFields):
    """An address of a partner, proposed as the ship-to for work in its territories."""

    partner = models.ForeignKey("people.Partner", models.CASCADE, related_name="depots")
    name = models.CharField(max_length=60)
    territories = models.ManyToManyField(
        "workorders.ServiceTerritory",
        blank=True,
        related_name="depots",
        help_text="Proposed for work in these.",
    )

    objects = DepotQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            *fits("depot", name=60, **SHIP_TO_LENGTHS),
            models.UniqueConstraint(fields=["partner", "name"], name="depot_stands_once"),
            models.CheckConstraint(
                name="depot_has_an_address", condition=~models.Q(ship_to_street="")
            ),
        ]

    def __str__(self) -> str:
        return self.name
