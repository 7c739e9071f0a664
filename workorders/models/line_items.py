"""Line items: the parts of the task, done in the order of their numbers."""

from typing import Any, Self

from django.db import models
from django.db.models import Count, F, Q

from portal.constraints import fits
from workorders.models.files import File, FileKind, Moment
from workorders.models.work_orders import WorkOrder


class LineItemQuerySet(models.QuerySet["LineItem"]):
    def with_photos(self) -> Self:
        """Add `photo_count` and `label_count`.

        They count the photos of the work and of the new part's label, as `blockers` counts them.
        """
        shown = Q(
            files__kind=FileKind.PHOTO,
            files__internal=False,
            files__removed_at=None,
            files__part_report=None,
            files__partner=F("work_order__partner"),
        )
        counts = shown & Q(files__shipment=None, files__cycle__gte=F("proof_from"))
        label = Q(files__moment=Moment.LABEL)
        return self.annotate(
            photo_count=Count("files", filter=counts & ~label),
            label_count=Count("files", filter=counts & label),
        )

    def with_photos_for(self, user: Any) -> Self:
        """`with_photos`, and `photos`: those of them that this person may see."""
        counting = (
            File.objects.visible_to(user)
            .of_the_work()
            .filter(internal=False, cycle__gte=F("line_item__proof_from"))
        )
        return self.with_photos().prefetch_related(
            models.Prefetch("files", counting, to_attr="photos")
        )


class LineItem(models.Model):
    """A WOLI: one part of the task, done in the order of its number."""

    work_order = models.ForeignKey(WorkOrder, models.CASCADE, related_name="line_items")
    number = models.PositiveSmallIntegerField()
    description = models.CharField(max_length=300)
    serial_required = models.BooleanField(default=False)  # of the new part
    photo_required = models.BooleanField(default=False)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    # when the portal received a tick that was made long before
    received_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    serial = models.CharField(max_length=60, blank=True)  # of the new part
    # photos count from this cycle on
    proof_from = models.PositiveSmallIntegerField(default=1)

    objects = LineItemQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["work_order", "number"], name="line_item_stands_once"),
            models.CheckConstraint(
                name="line_item_received_after_done",
                condition=Q(received_at=None) | Q(received_at__gt=F("done_at")),
            ),
            models.CheckConstraint(
                name="line_item_is_done_by_someone",
                condition=Q(done_at=None, done_by=None)
                | Q(done_at__isnull=False, done_by__isnull=False),
            ),
            *fits("line_item", description=300, note=500, serial=60),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.description}"

    @property
    def asks_for(self) -> str:
        """What it cannot be complete without, in words."""
        asked = []
        if self.serial_required:
            asked.append("the serial of the new part")
        if self.photo_required:
            asked.append("a photo")
        return " and ".join(asked)

    @property
    def wants_new_photo(self) -> bool:
        """Photos of an earlier cycle do not count for it."""
        return self.proof_from > 1

    @property
    def as_entered(self) -> str:
        """As an import writes it: the description, with what it requires in brackets."""
        serial = " [serial]" if self.serial_required else ""
        photo = " [photo]" if self.photo_required else ""
        return f"{self.description}{serial}{photo}"
