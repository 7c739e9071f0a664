import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Cast, Length, Lower
from django.db.models.lookups import LessThanOrEqual


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
        ("people", "0001_initial"),
        ("people", "0002_technicians"),
        ("people", "0003_notifications"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Partner",
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
                ("name", models.CharField(max_length=120, unique=True)),
                (
                    "email_domain",
                    models.CharField(
                        blank=True,
                        help_text="New users of this partner need an address in this domain.",
                        max_length=120,
                        verbose_name="e-mail domain",
                    ),
                ),
                (
                    "shared_mailbox",
                    models.EmailField(
                        blank=True,
                        help_text="Gets the notifications instead of each dispatcher.",
                        max_length=254,
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    *fits(
                        "partner",
                        name=120,
                        email_domain=120,
                        shared_mailbox=254,
                        ship_to_name=120,
                        ship_to_phone=32,
                        ship_to_street=200,
                        ship_to_city=120,
                        ship_to_region=60,
                        ship_to_postal_code=20,
                        ship_to_country=2,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("email", models.EmailField(max_length=254, unique=True, verbose_name="e-mail")),
                ("name", models.CharField(max_length=120)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("dispatcher", "Dispatcher"),
                            ("technician", "Technician"),
                            ("manager", "Partner manager"),
                            ("staff", "Staff"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="users",
                        to="people.partner",
                    ),
                ),
                ("phone", models.CharField(blank=True, max_length=32)),
                ("told_how", models.JSONField(blank=True, default=dict, editable=False)),
                ("time_zone", models.CharField(blank=True, editable=False, max_length=64)),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Clear this instead of deleting: the history needs names.",
                        verbose_name="active",
                    ),
                ),
                (
                    "date_joined",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    *fits("user", email=254, name=120, phone=32, time_zone=64),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("role__in", ["dispatcher", "technician", "manager", "staff"])
                        ),
                        name="user_role_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("partner__isnull", True), ("role", "staff")),
                            models.Q(
                                ("is_superuser", False),
                                ("partner__isnull", False),
                                ("role__in", ["dispatcher", "manager", "technician"]),
                            ),
                            _connector="OR",
                        ),
                        name="user_belongs_to_a_partner_or_is_staff",
                        violation_error_message="A partner's user needs a partner and a partner's role; staff have neither.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("email", Lower("email"))),
                        name="user_email_is_lower_case",
                        violation_error_message="Enter the e-mail address in lower case.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Certification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "technician",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="certification")),
                ("number", models.CharField(max_length=60)),
                ("expires_on", models.DateField(verbose_name="expires")),
            ],
            options={
                "ordering": ["-expires_on", "number"],
                "constraints": [
                    *fits("certification", name=120, number=60),
                    models.UniqueConstraint(
                        fields=("technician", "number"), name="certification_stands_once"
                    ),
                ],
            },
        ),
    ]
