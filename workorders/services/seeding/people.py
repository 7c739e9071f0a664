"""Demo partners and the people in their stories, with README.md's accounts on request."""

from django.contrib.auth.models import Group

from portal.people.models import Partner, User
from portal.people.roles import Role
from portal.people.ship_to import SHIP_TO_LENGTHS, ShipTo
from workorders.services.seeding.story import Cast
from workorders.services.setting_up import STAFF_GROUP

PASSWORD = "demo-Portal-2026"  # noqa: S105
VOLTFIX, AMPED = "VoltFix", "Amped Field Services"
VOLTFIX_DEPOT = ShipTo(
    "VoltFix Depot", "+1 510 555 0100", "88 Depot Way", "Oakland", "CA", "94607", "US"
)
AMPED_DEPOT = ShipTo(
    "Amped Warehouse", "+1 617 555 0199", "5 Dock Sq", "Boston", "MA", "02109", "US"
)
PARTNERS = {VOLTFIX: ("voltfix.example", VOLTFIX_DEPOT), AMPED: ("amped.example", AMPED_DEPOT)}
ACCOUNTS = {  # name, role, partner
    "dana@voltfix.example": ("Dana Whitfield", Role.DISPATCHER, VOLTFIX),
    "tess@voltfix.example": ("Tess Moreno", Role.TECHNICIAN, VOLTFIX),
    "omar@amped.example": ("Omar Haddad", Role.DISPATCHER, AMPED),
    "staff@chargepoint.example": ("Sam Rivera", Role.STAFF, None),
    "admin@chargepoint.example": ("Alex Kim", Role.STAFF, None),
}
SUPERUSER = "admin@chargepoint.example"


def demo_partners(count: int) -> list[Partner]:
    """`count` partners: VoltFix, Amped Field Services and further ones."""
    names = [*PARTNERS, *(f"Field Service Partner {number:04}" for number in range(3, count + 1))]
    existing = {partner.name: partner for partner in Partner.objects.filter(name__in=names)}
    for name in names[: max(count, 2)]:
        if name not in existing:
            domain, ship_to = PARTNERS.get(name, ("", _depot(name)))
            address = dict(zip(SHIP_TO_LENGTHS, ship_to, strict=True))
            existing[name] = Partner.objects.create(name=name, email_domain=domain, **address)
    return [existing[name] for name in names]


def _depot(name: str) -> ShipTo:
    return ShipTo(name, "+1 312 555 0100", "1 Service Rd", "Chicago", "IL", "60601", "US")


def make_accounts() -> list[str]:
    """Create the demo accounts that are missing; an existing user keeps name, role and password."""
    partners = {partner.name: partner for partner in Partner.objects.filter(name__in=PARTNERS)}
    made = []
    for email, (name, role, partner) in ACCOUNTS.items():
        if User.objects.filter(email=email).exists():
            continue
        user = User(email=email, name=name, role=role, partner=partners.get(partner or ""))
        user.is_superuser, user.is_demo = email == SUPERUSER, True
        user.set_password(PASSWORD)
        user.save()
        _give_rights(user)
        made.append(email)
    return made


def cast_of(partners: list[Partner]) -> list[Cast]:
    """Who acts in each partner's stories: the demo account, or someone who cannot log in."""
    accounts = {user.email: user for user in User.objects.filter(email__in=ACCOUNTS)}
    staff = accounts.get("staff@chargepoint.example")
    staff = staff or _extra("staff@demo.invalid", "Sam Rivera", Role.STAFF, None)
    dispatchers = {VOLTFIX: "dana@voltfix.example", AMPED: "omar@amped.example"}
    casts = []
    for number, partner in enumerate(partners, start=1):
        email = dispatchers.get(partner.name, "")
        name = ACCOUNTS[email][0] if email else f"Dispatcher {number:04}"
        extra = f"dispatcher-{number}@demo.invalid"
        dispatcher = accounts.get(email) or _extra(extra, name, Role.DISPATCHER, partner)
        theirs = [user for user in accounts.values() if user.partner == partner]
        technicians = {user.name: user for user in theirs if user.role == Role.TECHNICIAN}
        casts.append(Cast(partner, dispatcher, staff, technicians))
    return casts


def _extra(email: str, name: str, role: Role, partner: Partner | None) -> User:
    """A person who only appears in stories: not active, without a password."""
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User(email=email, name=name, role=role, partner=partner, is_active=False)
        user.set_unusable_password()
        user.save()
        _give_rights(user)
    return user


def _give_rights(user: User) -> None:
    if user.is_staff and not user.is_superuser:
        user.groups.set(Group.objects.filter(name=STAFF_GROUP))
