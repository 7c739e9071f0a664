import re
import uuid

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Cast, Length
from django.db.models.lookups import LessThanOrEqual

from workorders.models.places import validate_time_zone
from workorders.models.weeks import saturday_and_sunday, validate_weekend


def fits(table: str, **lengths: int) -> list[models.CheckConstraint]:
    """One constraint a field: its text has at most so many characters."""
    return [
        models.CheckConstraint(
            condition=LessThanOrEqual(Length(Cast(models.F(field), models.TextField())), length),
            name=f"{table}_{field}_fits",
            violation_error_message=f"Use at most {length} characters.",
        )
        for field, length in lengths.items()
    ]


class Migration(migrations.Migration):
    replaces = [
        ("workorders", "0001_initial"),
        ("workorders", "0002_ledger_is_append_only"),
        ("workorders", "0003_calendars_are_data"),
        ("workorders", "0004_revisions_of_what_stands"),
        ("workorders", "0005_hold_corrected"),
        ("workorders", "0006_outcome_basis"),
        ("workorders", "0007_assistance_and_contacts"),
        ("workorders", "0008_parts_back_and_reported"),
        ("workorders", "0009_visits_line_items_cycles"),
        ("workorders", "0010_unused_parts"),
        ("workorders", "0011_files"),
        ("workorders", "0012_parts_and_proof"),
        ("workorders", "0013_technicians"),
        ("workorders", "0014_what_waits"),
        ("workorders", "0015_said_and_judged"),
        ("workorders", "0016_targets_of_later_cycles"),
        ("workorders", "0017_notifications"),
        ("workorders", "0018_label_of_the_new_part"),
        ("workorders", "0019_documents_are_scanned"),
        ("workorders", "0020_what_a_hold_waits_for"),
    ]

    initial = True

    dependencies = [
        ("people", "0001_squashed_0003"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ServiceTerritory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "weekend",
                    models.JSONField(default=saturday_and_sunday, validators=[validate_weekend]),
                ),
                ("first", models.DateField(verbose_name="first day covered")),
                ("last", models.DateField(verbose_name="last day covered")),
                ("name", models.CharField(max_length=60, unique=True)),
                ("country", models.CharField(max_length=2)),
                ("subdivision", models.CharField(blank=True, max_length=10)),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                ("settled_revision", models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                "verbose_name_plural": "service territories",
                "ordering": ["name"],
                "constraints": [
                    *fits("territory", name=60, country=2, subdivision=10),
                    models.CheckConstraint(
                        condition=models.Q(("first__lte", models.F("last"))),
                        name="territory_covers_days",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarRevision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "weekend",
                    models.JSONField(default=saturday_and_sunday, validators=[validate_weekend]),
                ),
                ("first", models.DateField(verbose_name="first day covered")),
                ("last", models.DateField(verbose_name="last day covered")),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="revisions",
                        to="workorders.serviceterritory",
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("what", models.CharField(max_length=1000)),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["-number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("territory", "number"), name="calendar_revision_stands_once"
                    ),
                    *fits("calendar_revision", what=1000),
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="days",
                        to="workorders.serviceterritory",
                    ),
                ),
                ("day", models.DateField()),
                ("name", models.CharField(max_length=200)),
                ("worked", models.BooleanField(default=False)),
                ("by_staff", models.BooleanField(default=False)),
                ("since", models.PositiveIntegerField(default=1)),
                ("until", models.PositiveIntegerField(blank=True, null=True)),
            ],
            options={
                "ordering": ["day", "since"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until", None)),
                        fields=("territory", "day"),
                        name="calendar_day_stands_once",
                    ),
                    *fits("calendar_day", name=200),
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarProposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposals",
                        to="workorders.serviceterritory",
                    ),
                ),
                ("weekend", models.JSONField(blank=True, null=True, validators=[validate_weekend])),
                ("last", models.DateField(blank=True, null=True, verbose_name="last day covered")),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[("approved", "Approved"), ("rejected", "Rejected")],
                        max_length=8,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=1000)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-made_at"],
                "constraints": [
                    *fits("calendar_proposal", note=1000),
                    models.CheckConstraint(
                        condition=models.Q(("verdict__in", ["", "approved", "rejected"])),
                        name="calendar_proposal_verdict_is_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("made_by", None), ("verdict", "")),
                        fields=("territory",),
                        name="territory_has_one_refresh",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProposedDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="days",
                        to="workorders.calendarproposal",
                    ),
                ),
                ("day", models.DateField()),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "as its weekday"),
                            ("closed", "closed"),
                            ("worked", "worked"),
                        ],
                        max_length=6,
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=200)),
                (
                    "was_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "as its weekday"),
                            ("closed", "closed"),
                            ("worked", "worked"),
                        ],
                        max_length=6,
                    ),
                ),
                ("was_name", models.CharField(blank=True, max_length=200)),
                ("by_staff", models.BooleanField(default=False)),
                ("taken", models.BooleanField(null=True)),
            ],
            options={
                "ordering": ["day"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("proposal", "day"), name="proposed_day_stands_once"
                    ),
                    *fits("proposed_day", name=200, was_name=200),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["", "closed", "worked"])),
                        name="proposed_day_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("was_kind__in", ["", "closed", "worked"])),
                        name="proposed_day_was_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", ""), ("name", "")),
                            models.Q(
                                models.Q(("kind", ""), _negated=True),
                                models.Q(("name", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="proposed_day_has_a_name",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, unique=True)),
            ],
            options={
                "ordering": ["name"],
                "constraints": [*fits("account", name=120)],
            },
        ),
        migrations.CreateModel(
            name="Site",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sites",
                        to="workorders.account",
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("street", models.CharField(max_length=200)),
                ("city", models.CharField(max_length=120)),
                ("region", models.CharField(blank=True, max_length=60)),
                ("postal_code", models.CharField(blank=True, max_length=20)),
                ("country", models.CharField(max_length=2)),
                ("time_zone", models.CharField(max_length=60, validators=[validate_time_zone])),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "name"), name="site_is_known_by_account_and_name"
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
                ],
            },
        ),
        migrations.CreateModel(
            name="Station",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stations",
                        to="workorders.site",
                    ),
                ),
                ("serial", models.CharField(max_length=60, unique=True)),
                ("model", models.CharField(max_length=60)),
                (
                    "location_note",
                    models.CharField(blank=True, help_text="Level, bay, port", max_length=200),
                ),
            ],
            options={
                "ordering": ["serial"],
                "constraints": [*fits("station", serial=60, model=60, location_note=200)],
            },
        ),
        migrations.CreateModel(
            name="Entitlement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "business_days",
                    models.PositiveSmallIntegerField(
                        validators=[django.core.validators.MaxValueValidator(250)]
                    ),
                ),
                (
                    "start_without_parts",
                    models.CharField(
                        choices=[
                            ("assigned", "The day it was assigned"),
                            ("accepted", "The day it was accepted"),
                        ],
                        help_text="If no parts are required; otherwise, delivery of the last required part.",
                        max_length=16,
                    ),
                ),
                (
                    "from_next_business_day",
                    models.BooleanField(
                        default=False,
                        help_text="Delivery on a Saturday and one business day: Monday; with this option, Tuesday. Zero business days always mean the start day, or the next business day if it is closed.",
                        verbose_name="a closed start day counts as the next business day",
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True)),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                ("settled_revision", models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    *fits("entitlement", name=60),
                    models.CheckConstraint(
                        condition=models.Q(("start_without_parts__in", ["assigned", "accepted"])),
                        name="entitlement_start_without_parts_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("business_days__lte", 250)),
                        name="entitlement_days_are_few",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkOrder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "ship_to_name",
                    models.CharField(blank=True, max_length=120, verbose_name="ship-to name"),
                ),
                (
                    "ship_to_phone",
                    models.CharField(blank=True, max_length=32, verbose_name="ship-to phone"),
                ),
                (
                    "ship_to_street",
                    models.CharField(blank=True, max_length=200, verbose_name="ship-to street"),
                ),
                (
                    "ship_to_city",
                    models.CharField(blank=True, max_length=120, verbose_name="ship-to city"),
                ),
                (
                    "ship_to_region",
                    models.CharField(blank=True, max_length=60, verbose_name="ship-to region"),
                ),
                (
                    "ship_to_postal_code",
                    models.CharField(blank=True, max_length=20, verbose_name="ship-to postal code"),
                ),
                (
                    "ship_to_country",
                    models.CharField(blank=True, max_length=2, verbose_name="ship-to country"),
                ),
                (
                    "number",
                    models.CharField(
                        max_length=30,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                re.compile("^[-a-zA-Z0-9_]+\\Z"),
                                "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.",
                                "invalid",
                            )
                        ],
                    ),
                ),
                ("case_number", models.CharField(blank=True, max_length=30, verbose_name="case")),
                ("subject", models.CharField(max_length=200)),
                ("description", models.TextField(blank=True, max_length=10000)),
                (
                    "work_type",
                    models.CharField(
                        choices=[
                            ("repair", "Repair"),
                            ("installation", "Installation"),
                            ("commissioning", "Commissioning"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("assigned", "Assigned"),
                            ("ship-to-received", "Ship to Received"),
                            ("parts-ordered", "Parts Ordered"),
                            ("shipping", "Shipping"),
                            ("shipped", "Shipped"),
                            ("in-progress", "In Progress"),
                            ("on-hold", "On Hold"),
                            ("completed", "Completed"),
                            ("closed", "Closed"),
                            ("could-not-complete", "Could Not Complete"),
                            ("canceled", "Canceled"),
                        ],
                        default="assigned",
                        max_length=20,
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="work_orders",
                        to="people.partner",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="work_orders",
                        to="workorders.site",
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="work_orders",
                        to="workorders.station",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="work_orders",
                        to="workorders.serviceterritory",
                    ),
                ),
                (
                    "entitlement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="work_orders",
                        to="workorders.entitlement",
                    ),
                ),
                ("parts_required", models.BooleanField(default=False)),
                (
                    "images_required",
                    models.BooleanField(default=False, verbose_name="images required"),
                ),
                (
                    "return_parts_required",
                    models.BooleanField(default=False, verbose_name="old parts go back"),
                ),
                ("poc_name", models.CharField(blank=True, max_length=120, verbose_name="POC name")),
                (
                    "poc_phone",
                    models.CharField(blank=True, max_length=32, verbose_name="POC phone"),
                ),
                (
                    "poc_email",
                    models.EmailField(blank=True, max_length=254, verbose_name="POC e-mail"),
                ),
                (
                    "second_poc_name",
                    models.CharField(blank=True, max_length=120, verbose_name="second POC name"),
                ),
                (
                    "second_poc_phone",
                    models.CharField(blank=True, max_length=32, verbose_name="second POC phone"),
                ),
                (
                    "second_poc_email",
                    models.EmailField(blank=True, max_length=254, verbose_name="second POC e-mail"),
                ),
                ("access_notes", models.CharField(blank=True, max_length=1000)),
                (
                    "partner_notes",
                    models.CharField(
                        blank=True, max_length=1000, verbose_name="partner's requirements"
                    ),
                ),
                ("assigned_on", models.DateField(verbose_name="assigned")),
                ("accepted_on", models.DateField(blank=True, null=True, verbose_name="accepted")),
                (
                    "completed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="completed"),
                ),
                ("target_on", models.DateField(blank=True, null=True, verbose_name="Target SLA")),
                (
                    "waits_for",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("delivery", "waiting for the delivery date"),
                            ("acceptance", "waiting for acceptance"),
                            ("hold", "on hold"),
                            (
                                "calendar",
                                "target unavailable: the business calendar does not reach it",
                            ),
                        ],
                        max_length=10,
                    ),
                ),
                ("start_on", models.DateField(blank=True, null=True, verbose_name="counted from")),
                (
                    "target_revision",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="calendar revision"
                    ),
                ),
                (
                    "level_revision",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="service level revision"
                    ),
                ),
                ("parts_due_on", models.DateField(blank=True, null=True)),
                ("outcome_target_on", models.DateField(blank=True, null=True)),
                ("outcome_on", models.DateField(blank=True, null=True)),
                ("outcome_days_late", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("outcome_basis", models.JSONField(blank=True, default=dict, editable=False)),
                ("visited_on", models.DateField(blank=True, null=True, verbose_name="first visit")),
                ("visit_judged_by", models.DateField(blank=True, null=True)),
                ("cycle", models.PositiveSmallIntegerField(default=1)),
                (
                    "photos_from",
                    models.PositiveSmallIntegerField(
                        default=1, verbose_name="photos count from cycle"
                    ),
                ),
                (
                    "target_reason",
                    models.CharField(
                        blank=True, max_length=300, verbose_name="target set by staff"
                    ),
                ),
                (
                    "held_from",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("assigned", "Assigned"),
                            ("ship-to-received", "Ship to Received"),
                            ("parts-ordered", "Parts Ordered"),
                            ("shipping", "Shipping"),
                            ("shipped", "Shipped"),
                            ("in-progress", "In Progress"),
                            ("on-hold", "On Hold"),
                            ("completed", "Completed"),
                            ("closed", "Closed"),
                            ("could-not-complete", "Could Not Complete"),
                            ("canceled", "Canceled"),
                        ],
                        max_length=20,
                    ),
                ),
                ("partner_since", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "follows",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followed_by",
                        to="workorders.workorder",
                        verbose_name="follow-on of",
                    ),
                ),
                (
                    "give_up_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("equipment-removed", "Equipment removed"),
                            ("inaccessible", "Location inaccessible"),
                            ("wrong-equipment", "Wrong equipment shipped"),
                            ("obstruction", "Physical obstruction"),
                            ("wrong-diagnosis", "Wrong diagnosis"),
                            ("mismatch", "Task and site do not match"),
                            ("no-capacity", "No capacity"),
                        ],
                        max_length=20,
                    ),
                ),
                ("search_text", models.TextField(blank=True, editable=False)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                "ordering": ["number"],
                "indexes": [
                    models.Index(
                        fields=["partner", "status", "target_on", "number"], name="work_order_list"
                    ),
                    models.Index(
                        fields=["partner", "target_on", "number", "status", "id"],
                        name="work_order_by_target",
                    ),
                    models.Index(fields=["case_number"], name="work_order_by_case"),
                    models.Index(
                        fields=["territory", "target_on", "start_on"], name="work_order_by_calendar"
                    ),
                ],
                "constraints": [
                    *fits(
                        "work_order",
                        number=30,
                        case_number=30,
                        subject=200,
                        description=10000,
                        poc_name=120,
                        second_poc_name=120,
                        second_poc_phone=32,
                        second_poc_email=254,
                        poc_phone=32,
                        poc_email=254,
                        access_notes=1000,
                        partner_notes=1000,
                        ship_to_name=120,
                        ship_to_phone=32,
                        ship_to_street=200,
                        ship_to_city=120,
                        ship_to_region=60,
                        ship_to_postal_code=20,
                        ship_to_country=2,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__regex", "^[-a-zA-Z0-9_]+$")),
                        name="work_order_number_is_plain",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "assigned",
                                    "ship-to-received",
                                    "parts-ordered",
                                    "shipping",
                                    "shipped",
                                    "in-progress",
                                    "on-hold",
                                    "completed",
                                    "closed",
                                    "could-not-complete",
                                    "canceled",
                                ],
                            )
                        ),
                        name="work_order_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("work_type__in", ["repair", "installation", "commissioning"])
                        ),
                        name="work_order_work_type_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("waits_for__in", ["", "delivery", "acceptance", "hold", "calendar"])
                        ),
                        name="work_order_waits_for_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "held_from__in",
                                [
                                    "",
                                    "assigned",
                                    "ship-to-received",
                                    "parts-ordered",
                                    "shipping",
                                    "shipped",
                                    "in-progress",
                                    "on-hold",
                                    "completed",
                                    "closed",
                                    "could-not-complete",
                                    "canceled",
                                ],
                            )
                        ),
                        name="work_order_held_from_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "give_up_reason__in",
                                [
                                    "",
                                    "equipment-removed",
                                    "inaccessible",
                                    "wrong-equipment",
                                    "obstruction",
                                    "wrong-diagnosis",
                                    "mismatch",
                                    "no-capacity",
                                ],
                            )
                        ),
                        name="work_order_give_up_reason_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status", "on-hold"), models.Q(("held_from", ""), _negated=True)
                            ),
                            models.Q(
                                models.Q(("status", "on-hold"), _negated=True), ("held_from", "")
                            ),
                            _connector="OR",
                        ),
                        name="work_order_on_hold_knows_where_from",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("accepted_on", None),
                            ("accepted_on__gte", models.F("assigned_on")),
                            _connector="OR",
                        ),
                        name="work_order_is_accepted_after_assignment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("accepted_on__isnull", False),
                            (
                                "status__in",
                                ["assigned", "on-hold", "could-not-complete", "canceled"],
                            ),
                            _connector="OR",
                        ),
                        name="work_order_beyond_assigned_is_accepted",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("target_on", None),
                            ("start_on", None),
                            ("target_on__gte", models.F("start_on")),
                            ("cycle__gt", 1),
                            _connector="OR",
                        ),
                        name="work_order_target_is_not_before_its_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("target_reason", ""),
                            models.Q(("cycle__gt", 1), ("target_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="work_order_target_is_set_after_the_first_cycle",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("visit_judged_by", None),
                            ("visited_on__lte", models.F("visit_judged_by")),
                            _connector="OR",
                        ),
                        name="work_order_visit_is_in_time_for_what_judged_its_booking",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["completed", "closed"]), _negated=True),
                            ("completed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="work_order_is_completed_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MissedSLAReason",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "work_order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="missed_sla_reasons",
                        to="workorders.workorder",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("unresponsive-poc", "Delay due to Unresponsive POC"),
                            ("poc-preference", "Delay due to POC Schedule Preference"),
                            (
                                "work-order-management",
                                "O&M Partner Work Order Management Performance",
                            ),
                            ("weather", "Delay due to weather"),
                            ("technician", "Technician Availability"),
                            ("on-site-requirement", "Delay due to Special On-Site Requirement"),
                            ("regulatory", "Delay due to local Regulatory/Compliance"),
                            ("part-late", "Part delivery is later than expected delivery date"),
                            ("parts-damaged", "Parts arrived damaged or are missing"),
                        ],
                        max_length=32,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=1000)),
                ("target_on", models.DateField(verbose_name="Target SLA")),
                ("appointment_at", models.DateTimeField(verbose_name="appointment")),
                ("appointment_on", models.DateField(verbose_name="appointment date")),
                ("business_days_late", models.PositiveSmallIntegerField()),
                (
                    "given_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("given_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "missed-SLA reason",
                "ordering": ["-given_at"],
                "indexes": [models.Index(fields=["-given_at"], name="missed_sla_by_day")],
                "constraints": [
                    *fits("missed_sla_reason", note=1000),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "reason__in",
                                [
                                    "unresponsive-poc",
                                    "poc-preference",
                                    "work-order-management",
                                    "weather",
                                    "technician",
                                    "on-site-requirement",
                                    "regulatory",
                                    "part-late",
                                    "parts-damaged",
                                ],
                            )
                        ),
                        name="missed_sla_reason_reason_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("appointment_on__gt", models.F("target_on"))),
                        name="missed_sla_is_missed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Appointment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "work_order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="workorders.workorder",
                    ),
                ),
                ("at", models.DateTimeField()),
                ("on", models.DateField()),
                (
                    "technician",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("technician_name", models.CharField(max_length=120)),
                ("contact_phone", models.CharField(blank=True, max_length=32)),
                ("contact_email", models.EmailField(blank=True, max_length=254)),
                ("judged_by", models.DateField(blank=True, null=True)),
                (
                    "missed_sla",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="workorders.missedslareason",
                    ),
                ),
                ("entered_afterwards", models.BooleanField(default=False)),
                ("is_return", models.BooleanField(default=False)),
                (
                    "booked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("booked_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["-booked_at"],
                "constraints": [
                    *fits("appointment", technician_name=120, contact_phone=32, contact_email=254),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("judged_by", None),
                            ("on__lte", models.F("judged_by")),
                            ("missed_sla__isnull", False),
                            _connector="OR",
                        ),
                        name="appointment_is_in_time_or_has_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_return", False), ("judged_by", None), _connector="OR"
                        ),
                        name="appointment_for_a_return_visit_is_not_judged",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("contact_phone", ""), _negated=True),
                            models.Q(("contact_email", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="appointment_has_a_contact",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="WorkOrder",
            name="appointment",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="stands_for",
                to="workorders.appointment",
            ),
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "work_order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="workorders.workorder",
                    ),
                ),
                ("cycle", models.PositiveSmallIntegerField()),
                (
                    "appointment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="workorders.appointment",
                    ),
                ),
                ("technician_name", models.CharField(blank=True, max_length=120)),
                ("began_at", models.DateTimeField()),
                ("on", models.DateField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("done", "The work is done"),
                            ("return-visit", "Return visit needed"),
                            ("nobody-there", "Nobody there"),
                        ],
                        max_length=12,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=1000)),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("entered_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["began_at", "pk"],
                "constraints": [
                    *fits("visit", technician_name=120, note=1000),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome__in", ["", "done", "return-visit", "nobody-there"])
                        ),
                        name="visit_outcome_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome", ""),
                            models.Q(("ended_at", None), _negated=True),
                            _connector="OR",
                        ),
                        name="visit_with_an_outcome_has_ended",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at", None),
                            ("ended_at__gte", models.F("began_at")),
                            _connector="OR",
                        ),
                        name="visit_ends_after_it_began",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("work_order",),
                        name="work_order_has_one_open_visit",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Outcome",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "work_order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outcomes",
                        to="workorders.workorder",
                    ),
                ),
                ("cycle", models.PositiveSmallIntegerField()),
                ("target_on", models.DateField(blank=True, null=True, verbose_name="Target SLA")),
                ("target_reason", models.CharField(blank=True, max_length=300)),
                ("judged_on", models.DateField(blank=True, null=True)),
                ("days_late", models.PositiveSmallIntegerField(default=0)),
                ("basis", models.CharField(blank=True, max_length=20)),
            ],
            options={
                "ordering": ["cycle"],
                "constraints": [
                    *fits("outcome", target_reason=300),
                    models.UniqueConstraint(
                        fields=("work_order", "cycle"), name="outcome_of_a_cycle_stands_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cycle__gt", 1)), name="outcome_is_of_a_later_cycle"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("judged_on", None), ("target_on", None)),
                            models.Q(
                                models.Q(("target_on", None), _negated=True),
                                models.Q(("judged_on", None), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="outcome_with_a_target_has_a_date",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LineItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "work_order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="line_items",
                        to="workorders.workorder",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("description", models.CharField(max_length=300)),
                ("serial_required", models.BooleanField(default=False)),
                ("photo_required", models.BooleanField(default=False)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "done_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("heard_at", models.DateTimeField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("serial", models.CharField(blank=True, max_length=60)),
                ("proof_from", models.PositiveSmallIntegerField(default=1)),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("work_order", "number"), name="line_item_stands_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("heard_at", None),
                            ("heard_at__gt", models.F("done_at")),
                            _connector="OR",
                        ),
                        name="line_item_is_heard_of_after_it_is_done",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at", None), ("done_by", None)),
                            models.Q(("done_at__isnull", False), ("done_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="line_item_is_done_by_someone",
                    ),
                    *fits("line_item", description=300, note=500, serial=60),
                ],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "work_order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="workorders.workorder",
                    ),
                ),
                ("first", models.DateField(verbose_name="first day of the hold")),
                (
                    "last",
                    models.DateField(blank=True, null=True, verbose_name="last day of the hold"),
                ),
                (
                    "stops_clock",
                    models.BooleanField(default=False, verbose_name="the hold stops the clock"),
                ),
                ("reason", models.CharField(max_length=500)),
                (
                    "cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("parts", "Parts"),
                            ("access", "Access"),
                            ("weather", "Weather"),
                            ("poc", "POC"),
                            ("partner", "Partner"),
                            ("operator", "{operator}"),
                        ],
                        max_length=10,
                        verbose_name="cause of the hold",
                    ),
                ),
                (
                    "resume_on",
                    models.DateField(blank=True, null=True, verbose_name="resume on"),
                ),
            ],
            options={
                "ordering": ["first", "pk"],
                "constraints": [
                    *fits("hold", reason=500),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "cause__in",
                                ["", "parts", "access", "weather", "poc", "partner", "operator"],
                            )
                        ),
                        name="hold_cause_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("last", None), ("last__gte", models.F("first")), _connector="OR"
                        ),
                        name="hold_has_days",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("last", None)),
                        fields=("work_order",),
                        name="work_order_has_one_open_hold",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "work_order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to="workorders.workorder",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("new", "New work order"),
                            ("shipped", "Parts shipped"),
                            ("edd-moved", "Estimated Delivery Date moved"),
                            ("booking-broken", "Parts arrive after the appointment"),
                            ("delivered", "Parts delivered"),
                            ("target-moved", "Target SLA moved"),
                            ("target-near", "Target SLA near, no appointment"),
                            ("became-late", "Appointment now late"),
                            ("booked", "Your appointments"),
                            ("answer-wanted", "Answer needed"),
                            ("judged", "Delay excused"),
                            ("assistance-answered", "Assistance answered"),
                            ("message", "Message in Collaborate"),
                            ("held", "On hold"),
                            ("hold-over", "Hold to resume"),
                            ("resumed", "Resumed"),
                            ("canceled", "Canceled"),
                            ("sent-back", "Sent back"),
                            ("closed", "Closed"),
                            ("assistance-asked", "Assistance requested"),
                            ("partner-message", "Message from a partner"),
                            ("reason-given", "Reason for delay given"),
                            ("verdict-answered", "Verdict answered"),
                            ("parts-reported", "Parts damaged or missing"),
                            ("given-up", "Could Not Complete"),
                        ],
                        max_length=24,
                    ),
                ),
                ("text", models.CharField(max_length=600)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "mailbox_of",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.partner",
                    ),
                ),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("at-once", "At once"),
                            ("digest", "In the digest at 7:00"),
                            ("page", "Only on this page"),
                        ],
                        max_length=8,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("read_at", models.DateTimeField(null=True)),
                ("mailed_at", models.DateTimeField(null=True)),
                ("mail", models.CharField(blank=True, max_length=60)),
                ("once", models.CharField(max_length=100, null=True, unique=True)),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(fields=["user", "-id"], name="notification_page"),
                    models.Index(
                        condition=models.Q(("read_at", None)),
                        fields=["user"],
                        name="notification_unread",
                    ),
                    models.Index(
                        condition=models.Q(("mailed_at", None)),
                        fields=["how", "at"],
                        name="notification_to_be_mailed",
                    ),
                ],
                "constraints": [
                    *fits("notification", text=600, mail=60, once=100),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "new",
                                    "shipped",
                                    "edd-moved",
                                    "booking-broken",
                                    "delivered",
                                    "target-moved",
                                    "target-near",
                                    "became-late",
                                    "booked",
                                    "answer-wanted",
                                    "judged",
                                    "assistance-answered",
                                    "message",
                                    "held",
                                    "hold-over",
                                    "resumed",
                                    "canceled",
                                    "sent-back",
                                    "closed",
                                    "assistance-asked",
                                    "partner-message",
                                    "reason-given",
                                    "verdict-answered",
                                    "parts-reported",
                                    "given-up",
                                ],
                            )
                        ),
                        name="notification_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("how__in", ["at-once", "digest", "page"])),
                        name="notification_how_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("mailbox_of__isnull", False), ("user", None)),
                            models.Q(("mailbox_of", None), ("user__isnull", False)),
                            _connector="OR",
                        ),
                        name="notification_is_for_a_person_or_a_mailbox",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceLevelRevision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "business_days",
                    models.PositiveSmallIntegerField(
                        validators=[django.core.validators.MaxValueValidator(250)]
                    ),
                ),
                (
                    "start_without_parts",
                    models.CharField(
                        choices=[
                            ("assigned", "The day it was assigned"),
                            ("accepted", "The day it was accepted"),
                        ],
                        help_text="If no parts are required; otherwise, delivery of the last required part.",
                        max_length=16,
                    ),
                ),
                (
                    "from_next_business_day",
                    models.BooleanField(
                        default=False,
                        help_text="Delivery on a Saturday and one business day: Monday; with this option, Tuesday. Zero business days always mean the start day, or the next business day if it is closed.",
                        verbose_name="a closed start day counts as the next business day",
                    ),
                ),
                (
                    "entitlement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="revisions",
                        to="workorders.entitlement",
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("what", models.CharField(max_length=1000)),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["-number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("entitlement", "number"), name="service_level_revision_stands_once"
                    ),
                    *fits("service_level_revision", what=1000),
                ],
            },
        ),
        migrations.CreateModel(
            name="CarrierService",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("carrier", models.CharField(max_length=40)),
                ("service", models.CharField(max_length=60)),
                (
                    "transit_business_days",
                    models.PositiveSmallIntegerField(
                        validators=[django.core.validators.MinValueValidator(0)]
                    ),
                ),
                (
                    "tracking_url",
                    models.CharField(
                        blank=True,
                        help_text="The page that tracks a shipment, with {number} for the tracking number.",
                        max_length=200,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^https://[^\\s{}]+\\{number\\}[^\\s{}]*$",
                                "Enter an https address with {number} in it.",
                            )
                        ],
                        verbose_name="tracking page",
                    ),
                ),
            ],
            options={
                "ordering": ["carrier", "service"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("carrier", "service"), name="carrier_service_stands_once"
                    ),
                    *fits("carrier_service", carrier=40, service=60, tracking_url=200),
                    models.CheckConstraint(
                        condition=models.Q(("transit_business_days__lte", 60)),
                        name="transit_days_are_few",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Shipment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=30, unique=True)),
                (
                    "work_order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shipments",
                        to="workorders.workorder",
                    ),
                ),
                ("kind", models.CharField(choices=[("RMA", "RMA"), ("FSO", "FSO")], max_length=3)),
                (
                    "direction",
                    models.CharField(
                        choices=[("outbound", "Outbound"), ("return", "Return")],
                        default="outbound",
                        max_length=8,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("ordered", "Ordered"),
                            ("shipped", "Shipped"),
                            ("delivered", "Delivered"),
                        ],
                        default="ordered",
                        max_length=9,
                    ),
                ),
                (
                    "required",
                    models.BooleanField(
                        default=True, help_text="The work cannot begin without it."
                    ),
                ),
                ("carrier", models.CharField(blank=True, max_length=40)),
                ("service", models.CharField(blank=True, max_length=60)),
                ("tracking_number", models.CharField(blank=True, max_length=60)),
                (
                    "pick_up_on",
                    models.DateField(blank=True, null=True, verbose_name="pick-up date"),
                ),
                (
                    "estimated_delivery_on",
                    models.DateField(blank=True, null=True, verbose_name="estimated delivery date"),
                ),
                (
                    "edd_is_computed",
                    models.BooleanField(
                        default=False,
                        verbose_name="estimated delivery computed from the pick-up date",
                    ),
                ),
                (
                    "delivered_on",
                    models.DateField(blank=True, null=True, verbose_name="delivered date"),
                ),
                ("reported_by_partner", models.BooleanField(default=False)),
                (
                    "return_due_on",
                    models.DateField(blank=True, null=True, verbose_name="return due"),
                ),
                (
                    "return_due_is_default",
                    models.BooleanField(default=False, verbose_name="return due by default"),
                ),
                ("sent_on", models.DateField(blank=True, null=True, verbose_name="sent back")),
                ("is_unused", models.BooleanField(default=False, verbose_name="unused parts")),
                ("is_void", models.BooleanField(default=False, verbose_name="no longer owed")),
                (
                    "waived_note",
                    models.CharField(blank=True, max_length=1000, verbose_name="not needed back"),
                ),
            ],
            options={
                "ordering": ["number"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("delivered_on", None), ("edd_is_computed", True)),
                        fields=["estimated_delivery_on"],
                        name="shipment_by_computed_edd",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("delivered_on", None), ("direction", "return"), ("is_void", False)
                        ),
                        fields=["return_due_on", "number"],
                        name="shipment_by_return_due",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("direction", "return"), ("is_void", False), ("status", "ordered")
                        ),
                        fields=["work_order", "return_due_on"],
                        name="shipment_to_be_sent_back",
                    ),
                ],
                "constraints": [
                    *fits(
                        "shipment",
                        number=30,
                        carrier=40,
                        service=60,
                        tracking_number=60,
                        waived_note=1000,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["RMA", "FSO"])),
                        name="shipment_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("direction__in", ["outbound", "return"])),
                        name="shipment_direction_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["ordered", "shipped", "delivered"])),
                        name="shipment_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("delivered_on__isnull", False), ("status", "delivered")),
                            models.Q(
                                models.Q(("status", "delivered"), _negated=True),
                                ("delivered_on__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="shipment_is_delivered_on_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reported_by_partner", False), ("status", "delivered"), _connector="OR"
                        ),
                        name="shipment_is_reported_when_delivered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sent_on", None),
                            models.Q(
                                ("direction", "return"),
                                models.Q(("status", "ordered"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="shipment_is_sent_back_as_a_return",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("waived_note", ""),
                            models.Q(
                                ("direction", "return"), ("is_void", True), ("status", "ordered")
                            ),
                            _connector="OR",
                        ),
                        name="shipment_is_waived_as_a_return",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShipmentPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "shipment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="workorders.shipment",
                    ),
                ),
                ("part_number", models.CharField(max_length=60)),
                (
                    "quantity",
                    models.PositiveSmallIntegerField(
                        default=1, validators=[django.core.validators.MinValueValidator(1)]
                    ),
                ),
                ("description", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    *fits("shipment_part", part_number=60, description=200),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gte", 1)), name="shipment_part_counts"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PartReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "work_order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="part_reports",
                        to="workorders.workorder",
                    ),
                ),
                (
                    "shipment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="part_reports",
                        to="workorders.shipment",
                    ),
                ),
                ("part_number", models.CharField(max_length=60)),
                ("description", models.CharField(blank=True, max_length=200)),
                (
                    "problem",
                    models.CharField(
                        choices=[("damaged", "Damaged"), ("missing", "Missing")], max_length=8
                    ),
                ),
                (
                    "quantity",
                    models.PositiveSmallIntegerField(
                        default=1, validators=[django.core.validators.MinValueValidator(1)]
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=1000)),
                (
                    "reported_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("reported_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("settled_note", models.CharField(blank=True, max_length=1000)),
                (
                    "replacement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaces",
                        to="workorders.shipment",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("settled_at", None)),
                        fields=["work_order"],
                        name="part_report_open",
                    )
                ],
                "constraints": [
                    *fits(
                        "part_report", part_number=60, description=200, note=1000, settled_note=1000
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("problem__in", ["damaged", "missing"])),
                        name="part_report_problem_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gte", 1)), name="part_report_counts"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("replacement", None), ("settled_at", None), ("settled_note", "")
                            ),
                            models.Q(
                                ("settled_at__isnull", False),
                                models.Q(
                                    models.Q(("settled_note", ""), _negated=True),
                                    ("replacement__isnull", False),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="part_report_is_settled_by_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactAttempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "work_order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contact_attempts",
                        to="workorders.workorder",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("call", "Call"), ("mail", "E-mail"), ("text", "Text")],
                        max_length=4,
                    ),
                ),
                ("reached", models.BooleanField(default=False)),
                ("note", models.CharField(blank=True, max_length=300)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["-at", "-pk"],
                "constraints": [
                    *fits("contact_attempt", note=300),
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ["call", "mail", "text"])),
                        name="contact_attempt_channel_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ThreadRead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "work_order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workorders.workorder",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("work_order", "user"), name="thread_read_stands_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Verdict",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "missed_sla",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="verdicts",
                        to="workorders.missedslareason",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("excused", "Excused"),
                            ("not-excused", "Not excused"),
                            ("more-information", "More information needed"),
                        ],
                        max_length=20,
                        verbose_name="verdict",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=1000)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    *fits("verdict", note=1000),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["excused", "not-excused", "more-information"])
                        ),
                        name="verdict_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "excused"),
                            models.Q(("note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="verdict_says_why_unless_it_excuses",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "work_order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comments",
                        to="workorders.workorder",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("body", models.CharField(max_length=5000)),
                ("internal", models.BooleanField(default=False)),
                ("urgent", models.BooleanField(default=False)),
                (
                    "assistance",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("poc-unresponsive", "POC unresponsive"),
                            ("site-access", "Site access"),
                            ("technical", "Technical"),
                            ("parts", "Parts"),
                            ("hold", "Put on hold until a date"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                    ),
                ),
                ("until", models.DateField(blank=True, null=True, verbose_name="on hold until")),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answers",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answer",
                        to="workorders.verdict",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["at", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("answered_at", None), ("urgent", True)),
                        fields=["at"],
                        name="assistance_open",
                    )
                ],
                "constraints": [
                    *fits("comment", body=5000),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "assistance__in",
                                [
                                    "",
                                    "poc-unresponsive",
                                    "site-access",
                                    "technical",
                                    "parts",
                                    "hold",
                                    "other",
                                ],
                            )
                        ),
                        name="comment_assistance_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="File",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "work_order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="workorders.workorder",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.partner",
                    ),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("upload_key", models.UUIDField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("photo", "Photo"), ("document", "Document")], max_length=8
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("size", models.PositiveIntegerField()),
                ("width", models.PositiveIntegerField(null=True)),
                ("height", models.PositiveIntegerField(null=True)),
                (
                    "taken_at",
                    models.CharField(blank=True, max_length=19, verbose_name="camera’s clock"),
                ),
                ("caption", models.CharField(blank=True, max_length=300)),
                (
                    "moment",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("before", "Before"),
                            ("after", "After"),
                            ("label", "Label of the new part"),
                        ],
                        max_length=6,
                        verbose_name="what it shows",
                    ),
                ),
                (
                    "line_item",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="files",
                        to="workorders.lineitem",
                        verbose_name="line item",
                    ),
                ),
                (
                    "shipment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="labels",
                        to="workorders.shipment",
                        verbose_name="return label of",
                    ),
                ),
                (
                    "part_report",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="photos",
                        to="workorders.partreport",
                        verbose_name="shows",
                    ),
                ),
                (
                    "comment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="workorders.comment",
                        verbose_name="sent with",
                    ),
                ),
                ("cycle", models.PositiveSmallIntegerField(default=1)),
                ("internal", models.BooleanField(default=False)),
                (
                    "scan",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("pending", "Being checked for viruses"),
                            ("clean", "Checked for viruses"),
                            ("held", "Held back: a virus was found"),
                        ],
                        max_length=7,
                        verbose_name="virus check",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("uploaded_at", models.DateTimeField()),
                (
                    "removed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("removed_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["uploaded_at", "pk"],
                "indexes": [
                    models.Index(fields=["partner", "uploaded_at"], name="file_by_partner_and_day"),
                    models.Index(
                        condition=models.Q(("scan", "pending")),
                        fields=["uploaded_at"],
                        name="file_to_be_scanned",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("work_order", "upload_key"), name="file_is_sent_once"
                    ),
                    *fits("file", name=120, caption=300, taken_at=19),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["photo", "document"])),
                        name="file_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("moment__in", ["", "before", "after", "label"])),
                        name="file_moment_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("scan__in", ["", "pending", "clean", "held"])),
                        name="file_scan_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("height__isnull", False),
                                ("kind", "photo"),
                                ("width__isnull", False),
                            ),
                            models.Q(
                                ("height", None),
                                ("kind", "document"),
                                ("taken_at", ""),
                                ("width", None),
                            ),
                            _connector="OR",
                        ),
                        name="file_has_a_size_in_pixels_if_a_photo",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("shipment", None),
                            models.Q(("line_item", None), ("part_report", None)),
                            _connector="OR",
                        ),
                        name="file_is_of_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("comment", None),
                            models.Q(("part_report", None), ("shipment", None)),
                            _connector="OR",
                        ),
                        name="file_is_said_or_of_parts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("shipment", None), ("internal", False), _connector="OR"
                        ),
                        name="file_is_for_the_partner_if_a_label",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(models.Q(("name", ""), _negated=True), ("size__gt", 0)),
                        name="file_is_named_and_not_empty",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("removed_at", None), ("removed_by", None)),
                            models.Q(("removed_at__isnull", False), ("removed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="file_is_removed_by_someone",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "work_order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ledger",
                        to="workorders.workorder",
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                (
                    "event",
                    models.CharField(
                        choices=[
                            ("created", "Work order entered"),
                            ("updated", "Work order updated"),
                            ("accepted", "Accepted"),
                            ("ship-to-changed", "Ship-to changed"),
                            ("parts-ordered", "Parts ordered"),
                            ("shipment-added", "Shipment added"),
                            ("shipment-updated", "Shipment updated"),
                            ("parts-received", "Parts received"),
                            ("parts-reported", "Parts damaged or missing"),
                            ("report-settled", "Parts report settled"),
                            ("parts-returned", "Parts sent back"),
                            ("return-owed", "Unused parts to send back"),
                            ("return-due", "Return due"),
                            ("return-waived", "Not needed back"),
                            ("return-claimed", "Needed back after all"),
                            ("status-followed", "Status updated from shipments"),
                            ("edd-followed", "Estimated delivery recalculated"),
                            ("target-moved", "Target SLA moved"),
                            ("appointment-booked", "Appointment booked"),
                            ("technician-left", "Technician offboarded"),
                            ("reason-given", "Reason for delay given"),
                            ("reason-judged", "Reason for delay reviewed"),
                            ("verdict-answered", "Verdict answered"),
                            ("commented", "Comment"),
                            ("assistance-requested", "Request for Assistance"),
                            ("noted", "Partner's requirements noted"),
                            ("noted-internally", "Internal note"),
                            ("file-added", "File added"),
                            ("file-changed", "File changed"),
                            ("file-removed", "File removed"),
                            ("visit-began", "Work on site began"),
                            ("visit-ended", "Visit ended"),
                            ("visit-entered", "Visit entered later"),
                            ("visit-corrected", "Visit time corrected"),
                            ("line-item-done", "Line item done"),
                            ("line-item-changed", "Line item noted"),
                            ("line-item-undone", "Line item reopened"),
                            ("target-set", "Target set for this cycle"),
                            ("completed", "Completed"),
                            ("given-up", "Could Not Complete"),
                            ("held", "Put on hold"),
                            ("resumed", "Resumed"),
                            ("hold-corrected", "Hold corrected"),
                            ("sent-back", "Sent back"),
                            ("closed", "Closed"),
                            ("canceled", "Canceled"),
                            ("reassigned", "Reassigned"),
                            ("follow-on-issued", "Follow-on work order issued"),
                            ("contact-tried", "POC contacted"),
                            ("poc-added", "Second POC added"),
                            ("undone", "Undone"),
                        ],
                        max_length=24,
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "shipment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workorders.shipment",
                    ),
                ),
                (
                    "appointment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workorders.appointment",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workorders.file",
                    ),
                ),
                ("changes", models.JSONField(default=dict)),
                ("note", models.CharField(blank=True, max_length=2000)),
            ],
            options={
                "verbose_name_plural": "ledger entries",
                "ordering": ["pk"],
                "indexes": [
                    models.Index(fields=["work_order", "version"], name="ledger_by_version")
                ],
                "constraints": [
                    *fits("ledger", note=2000),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "event__in",
                                [
                                    "created",
                                    "updated",
                                    "accepted",
                                    "ship-to-changed",
                                    "parts-ordered",
                                    "shipment-added",
                                    "shipment-updated",
                                    "parts-received",
                                    "parts-reported",
                                    "report-settled",
                                    "parts-returned",
                                    "return-owed",
                                    "return-due",
                                    "return-waived",
                                    "return-claimed",
                                    "status-followed",
                                    "edd-followed",
                                    "target-moved",
                                    "appointment-booked",
                                    "technician-left",
                                    "reason-given",
                                    "reason-judged",
                                    "verdict-answered",
                                    "commented",
                                    "assistance-requested",
                                    "noted",
                                    "noted-internally",
                                    "file-added",
                                    "file-changed",
                                    "file-removed",
                                    "visit-began",
                                    "visit-ended",
                                    "visit-entered",
                                    "visit-corrected",
                                    "line-item-done",
                                    "line-item-changed",
                                    "line-item-undone",
                                    "target-set",
                                    "completed",
                                    "given-up",
                                    "held",
                                    "resumed",
                                    "hold-corrected",
                                    "sent-back",
                                    "closed",
                                    "canceled",
                                    "reassigned",
                                    "follow-on-issued",
                                    "contact-tried",
                                    "poc-added",
                                    "undone",
                                ],
                            )
                        ),
                        name="ledger_event_is_known",
                    ),
                ],
            },
        ),
    ]
