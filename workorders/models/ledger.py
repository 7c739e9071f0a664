"""The append-only ledger: what happened to a work order, when, by whom.

Database triggers refuse changes.
"""

from typing import Any

from django.db import models
from django.db.models import TextChoices
from django.utils import timezone

from portal.constraints import fits, one_of
from workorders.models.rare import where_present


class Event(TextChoices):
    CREATED = "created", "Work order entered"
    TIME_ZONE_CHANGED = "time-zone-changed", "Time zone of the site changed"
    UPDATED = "updated", "Work order updated"
    ACCEPTED = "accepted", "Accepted"
    SHIP_TO_CHANGED = "ship-to-changed", "Ship-to changed"
    PARTS_ORDERED = "parts-ordered", "Parts ordered"
    SHIPMENT_ADDED = "shipment-added", "Shipment added"
    SHIPMENT_UPDATED = "shipment-updated", "Shipment updated"
    PARTS_RECEIVED = "parts-received", "Parts received"
    PARTS_REPORTED = "parts-reported", "Parts damaged or missing"
    REPORT_SETTLED = "report-settled", "Parts report settled"
    PARTS_SENT_BACK = "parts-returned", "Parts sent back"
    RETURN_OWED = "return-owed", "Unused parts to send back"
    RETURN_DUE = "return-due", "Return due"
    RETURN_WAIVED = "return-waived", "Not needed back"
    RETURN_CLAIMED = "return-claimed", "Needed back after all"
    STATUS_FOLLOWED = "status-followed", "Status updated from shipments"
    EDD_FOLLOWED = "edd-followed", "Estimated delivery recalculated"
    TARGET_MOVED = "target-moved", "Target SLA moved"
    APPOINTMENT_BOOKED = "appointment-booked", "Appointment booked"
    APPOINTMENT_TAKEN_BACK = "appointment-taken-back", "Appointment taken back"
    TECHNICIAN_LEFT = "technician-left", "Technician offboarded"
    REASON_GIVEN = "reason-given", "Reason for delay given"
    REASON_REVIEWED = "reason-judged", "Reason for delay reviewed"
    VERDICT_ANSWERED = "verdict-answered", "Verdict answered"
    COMMENTED = "commented", "Comment"
    ASSISTANCE_REQUESTED = "assistance-requested", "Request for Assistance"
    REQUIREMENTS_NOTED = "noted", "Partner's requirements noted"
    NOTED_INTERNALLY = "noted-internally", "Internal note"
    FILE_ADDED = "file-added", "File added"
    FILE_CHANGED = "file-changed", "File changed"
    FILE_REMOVED = "file-removed", "File removed"
    VISIT_BEGAN = "visit-began", "Work on site began"
    VISIT_ENDED = "visit-ended", "Visit ended"
    VISIT_ENTERED = "visit-entered", "Visit entered later"
    VISIT_CORRECTED = "visit-corrected", "Visit time corrected"
    VISIT_CHECKED = "visit-checked", "Visit entered late checked"
    LINE_ITEM_DONE = "line-item-done", "Line item done"
    LINE_ITEM_CHANGED = "line-item-changed", "Line item noted"
    LINE_ITEM_UNDONE = "line-item-undone", "Line item reopened"
    TARGET_SET = "target-set", "Target set for this cycle"
    COMPLETED = "completed", "Completed"
    COULD_NOT_COMPLETE = "given-up", "Could Not Complete"
    HELD = "held", "Put on hold"
    RESUMED = "resumed", "Resumed"
    HOLD_CORRECTED = "hold-corrected", "Hold corrected"
    SENT_BACK = "sent-back", "Sent back"
    CLOSED = "closed", "Closed"
    CANCELED = "canceled", "Canceled"
    REASSIGNED = "reassigned", "Reassigned"
    FOLLOW_ON_ISSUED = "follow-on-issued", "Follow-on work order issued"
    CONTACT_TRIED = "contact-tried", "POC contacted"
    POC_ADDED = "poc-added", "Second POC added"
    UNDONE = "undone", "Undone"


NOTE_LENGTH = 2000  # of an entry, in characters

LedgerChanges = dict[str, list[Any] | None]
"""Each field's old and new value in JSON; None where only the fact of a change may be shown."""


class LedgerEntry(models.Model):
    """One fact. `version` is the work order's after the write; entries of one write share it.

    `changes` holds {field: [old, new]} in JSON values, of the shipment or file if there is one,
    else of the work order (a hold's as hold_first and so on; a line item as "2. Replace the
    cable"), and {field: null} for what is private. It refers to people by id and never holds phone
    numbers or e-mail addresses.
    """

    work_order = models.ForeignKey("workorders.WorkOrder", models.PROTECT, related_name="ledger")
    version = models.PositiveIntegerField()
    event = models.CharField(max_length=24, choices=Event)
    # None: the system
    actor = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    shipment = models.ForeignKey(
        "workorders.Shipment", models.PROTECT, null=True, related_name="+", db_index=False
    )
    appointment = models.ForeignKey(
        "workorders.Appointment",
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    file = models.ForeignKey(
        "workorders.File", models.PROTECT, null=True, related_name="+", db_index=False
    )
    changes = models.JSONField(default=dict)
    note = models.CharField(max_length=NOTE_LENGTH, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "ledger entries"
        constraints = [*fits("ledger", note=NOTE_LENGTH), one_of("ledger", "event", Event.values)]
        indexes = [
            *where_present("ledger", "shipment", "appointment", "file"),
            models.Index(fields=["work_order", "version"], name="ledger_by_version"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.version})"

    @property
    def title(self) -> str:
        """What happened, such as "File added: a.jpg" or "Undone: Parts ordered"."""
        event = Event(self.event)
        if event == Event.UNDONE:
            return f"{event.label}: {Event(self.changes['step'][1]).label}"
        if "line_item" in self.changes:
            return f"{event.label}: {self.changes['line_item'][1]}"
        about = self.shipment or self.file
        return f"{event.label}: {about}" if about else str(event.label)

    @property
    def note_is_cause(self) -> bool:
        """The note says what moved the target, not what someone wrote."""
        return self.event == Event.TARGET_MOVED
