"""Photos and documents of a work order; their content is in the storage, named by the key."""

import datetime as dt
import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q, TextChoices

from portal.constraints import fits, one_of
from portal.people.models import User
from portal.people.roles import Right
from workorders.models.rare import where_present

NAME_LENGTH, CAPTION_LENGTH = 120, 300


class FileKind(TextChoices):
    PHOTO = "photo", "Photo"
    DOCUMENT = "document", "Document"


class Moment(TextChoices):
    """What a photo shows: the work before or after, or the new part's label with its serial."""

    BEFORE = "before", "Before"
    AFTER = "after", "After"
    LABEL = "label", "Label of the new part"


class Scan(TextChoices):
    """The virus scanner's result for a document.

    Empty where there is no scanner, and for photos, which the portal encodes anew.
    """

    PENDING = "pending", "Being checked for viruses"
    CLEAN = "clean", "Checked for viruses"
    HELD = "held", "Held back: a virus was found"


class FileQuerySet(models.QuerySet["File"]):
    def visible_to(self, user: Any) -> Self:
        """Files that are not removed: all for staff who may read, their partner's without internal
        ones for others.
        """
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        present = self.filter(removed_at=None)
        if user.is_staff:
            return present if user.may(Right.READ) else self.none()
        return present.filter(internal=False, partner_id=user.partner_id)

    def with_facts(self) -> Self:
        """Fetch the related rows that a page shows."""
        return self.select_related("uploaded_by", "line_item", "shipment", "part_report")

    def with_twins(self) -> list["File"]:
        """The files, each with `same_as`: an earlier one of them with the same content."""
        files, first = list(self), dict[str, File]()
        for file in sorted(files, key=lambda each: each.pk):
            earlier = first.setdefault(file.digest, file) if file.digest else file
            file.same_as = None if earlier is file else earlier
        return files

    def of_parts(self) -> Self:
        """Labels of returns, and photos of reported parts."""
        return self.exclude(shipment=None, part_report=None)

    def by(self, of: str) -> dict[int, list["File"]]:
        """Grouped by a foreign key: `shipment_id` or `part_report_id`."""
        found: dict[int, list[File]] = {}
        for file in self:
            if key := getattr(file, of):
                found.setdefault(key, []).append(file)
        return found

    def of_the_work(self) -> Self:
        """Photos of the work itself, not of labels or reported parts, nor those in a comment."""
        return self.unattached().filter(kind=FileKind.PHOTO)

    def unattached(self) -> Self:
        """Files that belong only to the work order, or to one of its line items."""
        return self.filter(shipment=None, part_report=None, comment=None)


class File(models.Model):
    """One upload. A removed file is gone from pages and storage; the ledger still needs its row."""

    work_order = models.ForeignKey("workorders.WorkOrder", models.PROTECT, related_name="files")
    # who had the work at the upload
    partner = models.ForeignKey("people.Partner", models.PROTECT, related_name="+")
    # its public name, in URLs and in the storage
    key = models.UUIDField(unique=True, default=uuid.uuid4)
    upload_key = models.UUIDField()  # from the browser: a file sent twice is stored once
    kind = models.CharField(max_length=8, choices=FileKind)
    name = models.CharField(max_length=NAME_LENGTH)  # of the original, only ever displayed
    size = models.PositiveIntegerField()  # bytes as stored
    digest = models.CharField(max_length=64, blank=True)  # SHA-256 of what was sent, in hex
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    # ISO without a time zone, which cameras do not know
    taken_at = models.CharField("camera’s clock", max_length=19, blank=True)
    caption = models.CharField(max_length=CAPTION_LENGTH, blank=True)
    moment = models.CharField("what it shows", max_length=6, choices=Moment, blank=True)
    line_item = models.ForeignKey(
        "workorders.LineItem",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="files",
        verbose_name="line item",
        db_index=False,
    )
    shipment = models.ForeignKey(  # the return whose label it is
        "workorders.Shipment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="labels",
        verbose_name="return label of",
        db_index=False,
    )
    part_report = models.ForeignKey(
        "workorders.PartReport",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="photos",
        verbose_name="shows",
        db_index=False,
    )
    comment = models.ForeignKey(
        "workorders.Comment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="files",
        verbose_name="sent with",
        db_index=False,
    )
    cycle = models.PositiveSmallIntegerField(default=1)  # of the work, at the upload
    internal = models.BooleanField(default=False)  # for staff only
    scan = models.CharField("virus check", max_length=7, choices=Scan, blank=True)
    uploaded_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    removed_by = models.ForeignKey(
        "people.User", models.PROTECT, null=True, related_name="+", db_index=False
    )
    removed_at = models.DateTimeField(null=True)

    objects = FileQuerySet.as_manager()

    class Meta:
        ordering = ["uploaded_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["work_order", "upload_key"], name="file_is_sent_once"),
            *fits("file", name=NAME_LENGTH, caption=CAPTION_LENGTH, taken_at=19, digest=64),
            one_of("file", "kind", FileKind.values),
            one_of("file", "moment", ["", *Moment.values]),
            one_of("file", "scan", ["", *Scan.values]),
            models.CheckConstraint(
                name="file_has_a_size_in_pixels_if_a_photo",
                condition=Q(kind=FileKind.PHOTO, width__isnull=False, height__isnull=False)
                | Q(kind=FileKind.DOCUMENT, width=None, height=None, taken_at=""),
            ),
            models.CheckConstraint(
                name="file_is_of_one_thing",
                condition=Q(shipment=None) | Q(part_report=None, line_item=None),
            ),
            models.CheckConstraint(
                name="file_is_said_or_of_parts",
                condition=Q(comment=None) | Q(shipment=None, part_report=None),
            ),
            models.CheckConstraint(
                name="file_is_for_the_partner_if_a_label",
                condition=Q(shipment=None) | Q(internal=False),
            ),
            models.CheckConstraint(
                name="file_is_named_and_not_empty", condition=~Q(name="") & Q(size__gt=0)
            ),
            models.CheckConstraint(
                name="file_is_removed_by_someone",
                condition=Q(removed_by=None, removed_at=None)
                | Q(removed_by__isnull=False, removed_at__isnull=False),
            ),
        ]
        indexes = [
            *where_present("file", "line_item", "shipment", "part_report", "comment", "removed_by"),
            models.Index(fields=["partner", "uploaded_at"], name="file_by_partner_and_day"),
            models.Index(
                fields=["uploaded_at"], condition=Q(scan=Scan.PENDING), name="file_to_be_scanned"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_photo(self) -> bool:
        return self.kind == FileKind.PHOTO

    same_as: "File | None" = None

    @property
    def is_open(self) -> bool:
        """Whether it may be opened: neither waiting for the virus scanner nor held back."""
        return self.scan in ("", Scan.CLEAN)

    @property
    def stored(self) -> str:
        """The name in the storage."""
        return f"{self.key}.jpg" if self.is_photo else f"{self.key}.pdf"

    @property
    def stored_small(self) -> str:
        """The thumbnail of a photo."""
        return f"{self.key}-small.jpg"

    @property
    def stored_names(self) -> list[str]:
        return [self.stored, self.stored_small] if self.is_photo else [self.stored]

    @property
    def camera_clock(self) -> dt.datetime | None:
        return dt.datetime.fromisoformat(self.taken_at) if self.taken_at else None
