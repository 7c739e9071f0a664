"""Partners and the people who log in: partners' users and the operator's staff."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth import get_permission_codename
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Permission, PermissionsMixin
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone

from portal.constraints import fits, one_of
from portal.people.roles import DISPATCHING, PARTNER_ROLES, WITH_FACTOR, Right, Role
from portal.people.ship_to import SHIP_TO_LENGTHS, ShipToFields


class Separator(models.TextChoices):
    """What stands between the cells of a CSV file."""

    COMMA = "comma", "Comma"
    SEMICOLON = "semicolon", "Semicolon"
    TAB = "tab", "Tab"


class Partner(ShipToFields):
    """An O&M company, whose users see its own work orders and nothing else."""

    name = models.CharField(max_length=120, unique=True)
    email_domain = models.CharField(
        "e-mail domain",
        max_length=120,
        blank=True,
        help_text="New users of this partner need an address in this domain.",
    )
    shared_mailbox = models.EmailField(
        max_length=254, blank=True, help_text="Gets the notifications instead of each dispatcher."
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            *fits("partner", name=120, email_domain=120, shared_mailbox=254, **SHIP_TO_LENGTHS)
        ]

    def __str__(self) -> str:
        return self.name


NOWHERE = "erased.invalid"  # RFC 2606: no mail is ever delivered there


class UserManager(BaseUserManager["User"]):
    def technicians(self, partner: Partner) -> models.QuerySet["User"]:
        """A partner's technicians, each with `certified_until`, the last day of certification."""
        people = self.filter(partner=partner, role=Role.TECHNICIAN).order_by("name", "pk")
        return people.annotate(certified_until=models.Max("certifications__expires_on"))

    def staff_with(self, right: Right) -> models.QuerySet["User"]:
        """Active staff who have this right: `user.may(right)` in SQL."""
        app = right.partition(".")[0]
        names = [name.removeprefix(f"{app}.") for name in right.held_by]
        theirs = Q(user=OuterRef("pk")) | Q(group__user=OuterRef("pk"))
        held = Permission.objects.filter(theirs, content_type__app_label=app, codename__in=names)
        return self.filter(Q(is_superuser=True) | Exists(held), role=Role.STAFF, is_active=True)

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.select_related("partner").get(email=(email or "").lower())

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, role=Role.STAFF, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField("e-mail", max_length=254, unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=16, choices=Role)
    partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="users"
    )
    phone = models.CharField(max_length=32, blank=True)
    # {kind of notification: how}; holds only what the person has chosen
    notification_preferences = models.JSONField(default=dict, blank=True, editable=False)
    # of the digest; empty means the sites' time zones
    time_zone = models.CharField(max_length=64, blank=True, editable=False)
    csv_separator = models.CharField(
        max_length=9, choices=Separator, default=Separator.COMMA, editable=False
    )
    is_active = models.BooleanField(
        "active", default=True, help_text="Clear this instead of deleting: the history needs names."
    )
    # of the demo accounts, whose password everybody knows; no second factor is asked of them
    is_demo = models.BooleanField(default=False, editable=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ["name"]
        constraints = [
            *fits("user", email=254, name=120, phone=32, time_zone=64),
            one_of("user", "role", Role.values),
            one_of("user", "csv_separator", Separator.values),
            models.CheckConstraint(
                name="user_belongs_to_a_partner_or_is_staff",
                condition=Q(role=Role.STAFF, partner__isnull=True)
                | Q(role__in=sorted(PARTNER_ROLES), partner__isnull=False, is_superuser=False),
                violation_error_message=(
                    "A partner's user needs a partner and a partner's role; staff have neither."
                ),
            ),
            models.CheckConstraint(
                name="user_email_is_lower_case",
                condition=Q(email=Lower("email")),
                violation_error_message="Enter the e-mail address in lower case.",
            ),
        ]

    @property
    def is_staff(self) -> bool:
        return self.role == Role.STAFF

    @property
    def is_technician(self) -> bool:
        return self.role == Role.TECHNICIAN

    @property
    def must_have_factor(self) -> bool:
        """Whether this person gets to no page without a second factor."""
        return settings.MFA_REQUIRED and self.role in WITH_FACTOR and not self.is_demo

    @property
    def may_dispatch(self) -> bool:
        return self.role in DISPATCHING

    def may(self, right: Right) -> bool:
        """Whether staff have this right; nobody else has any. It is read once for a request."""
        return self.is_staff and any(map(self.has_perm, right.held_by))

    def may_save(self, row: models.Model) -> bool:
        """Whether staff may add this row, or change it where it is there already."""
        codename = get_permission_codename("change" if row.pk else "add", row._meta)
        return self.is_staff and self.has_perm(f"{row._meta.app_label}.{codename}")

    @property
    def may_read(self) -> bool:
        """Whether there are work orders for this person; `visible_to` says which."""
        return not self.is_staff or self.may(Right.READ)

    @property
    def unread_in_brief(self) -> str:
        """What fits beside the bell; empty for none. The backend counts what is not read."""
        unread = getattr(self, "unread", None) or 0
        return "99+" if unread > 99 else str(unread or "")

    @property
    def separator_in_words(self) -> str:
        """What separates the cells of this person's CSV files: commas, semicolons or tabs."""
        return f"{self.csv_separator}s"

    @property
    def may_see_scorecard(self) -> bool:
        return self.may_dispatch or self.may(Right.READ)

    @property
    def may_administer(self) -> bool:
        """Whether anything in the admin is open to this person."""
        return self.is_staff and (self.is_superuser or bool(self.get_all_permissions()))

    @property
    def is_erased(self) -> bool:
        return self.email.endswith(f"@{NOWHERE}")

    def __str__(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.partition(" ")[0]


class LoginSession(AbstractBaseSession):
    """A session of a browser, and whose it is once somebody has logged in."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")


class Certification(models.Model):
    """What allows a technician to work on stations, entered by staff.

    `expires_on` is its last day.
    """

    technician = models.ForeignKey(User, models.PROTECT, related_name="certifications")
    name = models.CharField("certification", max_length=120)
    number = models.CharField(max_length=60)
    expires_on = models.DateField("expires")

    class Meta:
        ordering = ["-expires_on", "number"]
        constraints = [
            *fits("certification", name=120, number=60),
            models.UniqueConstraint(
                fields=["technician", "number"], name="certification_stands_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"

    @property
    def has_expired(self) -> bool:
        return self.expires_on < timezone.now().date()


class SentForm(models.Model):
    """A form that was written, with the answer to it: sent again, it gets the same one.

    `key` is a digest of the form's own key and of all that was sent.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    code = models.PositiveSmallIntegerField(default=0)  # of HTTP
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    messages = models.JSONField(default=list)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="form_is_written_once")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.at}"
