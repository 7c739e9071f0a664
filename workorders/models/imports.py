"""Files that staff import in the admin, with their preview and how far they have come."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import TextChoices

from portal.constraints import fits, one_of
from portal.people.models import User

FILE_NAME_LENGTH = 120


class ImportKind(TextChoices):
    """As in addresses, with what the admin calls it."""

    WORK_ORDERS = "work-orders", "Import work orders"
    SHIPMENTS = "shipments", "Import shipments"
    CERTIFICATIONS = "certifications", "Import certifications"


class ImportState(TextChoices):
    CHECKING = "checking", "Being checked"
    CHECKED = "checked", "Not imported yet"
    WRITING = "writing", "Being imported"
    DONE = "done", "Imported"
    FAILED = "failed", "Ended by an error"


UNDER_WAY = [ImportState.CHECKING, ImportState.WRITING]


class ImportQuerySet(models.QuerySet["Import"]):
    def visible_to(self, user: Any) -> Self:
        """A person's own, and nobody else's."""
        return self.filter(by=user) if isinstance(user, User) and user.is_staff else self.none()


class Import(models.Model):
    """One file. It is kept for a week, so that its rejected rows can be had."""

    key = models.UUIDField(unique=True, default=uuid.uuid4)  # in its address and in the storage
    kind = models.CharField(max_length=14, choices=ImportKind)
    name = models.CharField(max_length=FILE_NAME_LENGTH)  # of the file, only ever displayed
    by = models.ForeignKey("people.User", models.CASCADE, related_name="+")
    entered_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=ImportState, default=ImportState.CHECKING)
    good_rows_only = models.BooleanField(default=False)
    rows = models.PositiveIntegerField(default=0)  # of the file, as far as it has been read
    checked = models.PositiveIntegerField(default=0)  # rows
    written = models.PositiveIntegerField(default=0)  # rows that are done with
    # rows are being written: whoever goes on does not check again
    has_begun = models.BooleanField(default=False)
    # the counts, errors, warnings and first changes of the preview, and later of the import
    report = models.JSONField(default=dict)
    previewed = models.CharField(max_length=100, blank=True)  # the counts that a person saw
    # until then one process has it alone
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # since it last got on

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-entered_at", "-pk"]
        indexes = [
            models.Index(fields=["by", "-entered_at"], name="import_of_a_person"),
            models.Index(
                fields=["state"],
                name="import_under_way",
                condition=models.Q(state__in=[state.value for state in UNDER_WAY]),
            ),
        ]
        constraints = [
            *fits("import", name=FILE_NAME_LENGTH, previewed=100),
            one_of("import", "kind", ImportKind.values),
            one_of("import", "state", ImportState.values),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def file_name(self) -> str:
        """In the storage."""
        return f"{self.key}.rows"

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def is_waiting(self) -> bool:
        """Whether no process has it: another one is being imported, or the last was killed."""
        return self.is_under_way and self.claimed_until is None

    @property
    def is_checked_again(self) -> bool:
        """Whether it is being checked once more, before the first row is written."""
        return self.state == ImportState.WRITING and not self.has_begun

    @property
    def is_checked(self) -> bool:
        """Whether its preview is there, and a person may have it imported."""
        return self.state == ImportState.CHECKED

    @property
    def is_done(self) -> bool:
        return self.state == ImportState.DONE

    @property
    def is_failed(self) -> bool:
        return self.state == ImportState.FAILED

    @property
    def done_with(self) -> int:
        """Rows, in what is under way now: the check or the import."""
        return self.written if self.has_begun else self.checked
