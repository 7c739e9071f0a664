"""Rows for tests: plain functions with sensible defaults, each row complete enough to be worked
with.
"""

import datetime as dt
import functools
import itertools
import uuid
from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import Q
from django.utils import timezone

from portal.people.models import Certification, Partner, User
from portal.people.roles import Role
from portal.people.ship_to import ShipTo
from sla.calendars import public_holidays
from workorders.fieldwork.returns_and_reports import returnable
from workorders.models import (
    Account,
    Appointment,
    CarrierService,
    DayState,
    Entitlement,
    File,
    ServiceTerritory,
    Shipment,
    Site,
    Station,
    WorkOrder,
)
from workorders.services import (
    ShipmentDetails,
    accept_work_order,
    end_visit,
    enter_shipment,
    enter_work_order,
    parts_sent_back,
    start_visit,
    tick_line_item,
)
from workorders.services.calendars.entitlements import save_entitlement
from workorders.services.calendars.proposals import save_territory
from workorders.services.calendars.refreshing import states_of
from workorders.services.setting_up import staff_permissions
from workorders.services.waiting import keep_waits
from workorders.states import ShipmentKind, VisitOutcome

PASSWORD = "demo-Portal-2026"
SHIP_TO = ShipTo("VoltFix Depot", "+1 415 555 0100", "1 Depot Way", "Oakland", "CA", "94607", "US")
_numbers = itertools.count(100_001)


def make_partner(name: str = "VoltFix", **fields: Any) -> Partner:
    return Partner.objects.get_or_create(name=name, defaults=fields)[0]


def make_user(
    email: str, role: Role = Role.DISPATCHER, *, partner: Partner | None = None, **fields: Any
) -> User:
    if standing := User.objects.filter(email=email).first():
        return standing
    name = fields.pop("name", email.partition("@")[0].title())
    return User.objects.create_user(
        email, PASSWORD, role=role, partner=partner, name=name, **fields
    )


def make_voltfix() -> Partner:
    return make_partner("VoltFix", email_domain="voltfix.example")


def make_amped() -> Partner:
    """The other partner."""
    return make_partner("Amped Field Services", email_domain="amped.example")


def make_dana() -> User:
    return make_user("dana@voltfix.example", Role.DISPATCHER, partner=make_voltfix())


def make_omar() -> User:
    return make_user("omar@amped.example", Role.DISPATCHER, partner=make_amped())


def make_tess() -> User:
    return make_user("tess@voltfix.example", Role.TECHNICIAN, partner=make_voltfix())


def make_staff(email: str = "staff@chargepoint.example") -> User:
    """With the rights that `setup` gives to its group."""
    return with_rights(make_user(email, Role.STAFF), *staff_permissions())


def make_rita(*rights: str) -> User:
    """Staff without any right, but for those that are given."""
    return with_rights(make_user("rita@chargepoint.example", Role.STAFF), *rights)


def with_rights(user: User, *rights: str) -> User:
    """With these permissions of Django and no other."""
    wanted = Q(pk__in=[])
    for app, names in itertools.groupby(sorted(rights), lambda right: right.partition(".")[0]):
        codenames = [name.removeprefix(f"{app}.") for name in names]
        wanted |= Q(content_type__app_label=app, codename__in=codenames)
    user.user_permissions.set(Permission.objects.filter(wanted))
    return user


def make_admin() -> User:
    return make_user("admin@chargepoint.example", Role.STAFF, is_superuser=True)


@functools.cache
def _holidays(country: str, subdivision: str, last: int) -> dict[dt.date, DayState]:
    return states_of(public_holidays(country, subdivision, range(2025, last + 1)))


def make_territory(
    name: str = "US-Federal", country: str = "US", subdivision: str = ""
) -> ServiceTerritory:
    """Covered from 2025 to 2029; where tests run later, to the end of the year after."""
    if existing := ServiceTerritory.objects.filter(name=name).first():
        return existing
    territory = ServiceTerritory(name=name, country=country, subdivision=subdivision)
    last = max(2029, timezone.now().year + 1)
    territory.first, territory.last = dt.date(2025, 1, 1), dt.date(last, 12, 31)
    return save_territory(territory, days=_holidays(country, subdivision, last), by=None)


def make_entitlement(
    name: str = "Assure", business_days: int = 1, start: str = "assigned"
) -> Entitlement:
    if existing := Entitlement.objects.filter(name=name).first():
        return existing
    return save_entitlement(
        Entitlement(name=name, business_days=business_days, start_without_parts=start), by=None
    )


def make_carrier_service(
    carrier: str = "FedEx", service: str = "2Day", days: int = 2
) -> CarrierService:
    url = "https://track.example/?n={number}"
    return CarrierService.objects.get_or_create(
        carrier=carrier,
        service=service,
        defaults={"transit_business_days": days, "tracking_url": url},
    )[0]


def make_site(
    name: str = "Mission Creek Offices", account: str = "Bluebird Retail Trust", **fields: Any
) -> Site:
    defaults = {
        "street": "640 Channel St",
        "city": "San Francisco",
        "region": "CA",
        "postal_code": "94158",
        "country": "US",
        "time_zone": "America/Los_Angeles",
    }
    owner = Account.objects.get_or_create(name=account)[0]
    return Site.objects.get_or_create(account=owner, name=name, defaults=defaults | fields)[0]


def make_work_order(
    number: str | None = None, *, line_items: tuple[str, ...] = (), **fields: Any
) -> WorkOrder:
    """An Assigned work order of VoltFix in San Francisco, parts required, assigned on Mon, Mar 2
    2026.
    """
    n = next(_numbers)
    site = fields.pop("site", None) or make_site()
    serial = fields.pop("serial", f"SN{n:08}")
    values = {
        "case_number": f"{n:08}",
        "subject": "Replace charging cable - CP6000",
        "description": "The cable of the left port is worn.",
        "work_type": "repair",
        "partner": fields.pop("partner", None) or make_partner(),
        "site": site,
        "station": Station.objects.get_or_create(
            serial=serial, defaults={"site": site, "model": "CP6000"}
        )[0],
        "territory": fields.pop("territory", None) or make_territory(),
        "entitlement": fields.pop("entitlement", None) or make_entitlement(),
        "parts_required": True,
        "poc_name": "Priya Natarajan",
        "poc_phone": "+1 415 555 0187",
        "poc_email": "priya@site.example",
        "assigned_on": dt.date(2026, 3, 2),
    }
    return enter_work_order(number or f"WO-{n:08}", values | fields, line_items=line_items, by=None)


def make_accepted(by: User, **fields: Any) -> WorkOrder:
    work_order = make_work_order(partner=by.partner, **fields)
    return accept_work_order(
        work_order, ship_to=SHIP_TO if work_order.parts_required else None, by=by
    )


def ship(work_order: WorkOrder, number: str = "FSO-1", **details: Any) -> Shipment:
    """Enter a shipment as the system; FedEx 2Day and shipped unless said otherwise."""
    known = {"kind": ShipmentKind.FSO, "status": "shipped", "carrier": "FedEx", "service": "2Day"}
    return enter_shipment(work_order, number, ShipmentDetails(**known | details), by=None)


def ready_to_complete(work_order: WorkOrder, *, by: User) -> WorkOrder:
    """Nothing is missing for Completed: its line items are ticked, and it has been visited, today
    unless before.
    """
    for item in work_order.line_items.filter(done_at=None):
        tick_line_item(work_order, item.number, serial="N-1" if item.serial_required else "", by=by)
    row = fresh(work_order)
    if row.images_required and not row.files.exists():
        photo = {
            "kind": "photo",
            "name": "cabinet.jpg",
            "size": 1,
            "width": 1,
            "height": 1,
            "upload_key": uuid.uuid4(),
        }
        File.objects.create(
            work_order=row, partner=row.partner, uploaded_by=by, uploaded_at=timezone.now(), **photo
        )
    if row.visited_on is None:
        start_visit(row, by=by)
        end_visit(row, outcome=VisitOutcome.DONE, by=by)
    if row.return_parts_required:
        send_parts_back(row, by=by)
    return fresh(work_order)


def send_parts_back(work_order: WorkOrder, *, by: User) -> WorkOrder:
    """Every return that the partner still has, today."""
    for shipment in returnable(work_order, work_order.shipments.all()):
        known = {"number": shipment.number, "carrier": "FedEx", "tracking_number": "794000000001"}
        parts_sent_back(work_order, **known, on=work_order.site_today(), by=by)
    return fresh(work_order)


def book_on(work_order: WorkOrder, technician: User, at: dt.datetime | None = None) -> WorkOrder:
    """This technician is booked, for the last day in SLA unless told otherwise: now the work order
    is the technician's to see.
    """
    row = fresh(work_order)
    at = at or dt.datetime.combine(row.target_on or row.assigned_on, dt.time(14), row.site.zone)
    on = at.astimezone(row.site.zone).date()
    row.appointment = Appointment.objects.create(
        work_order=row,
        at=at,
        on=on,
        technician=technician,
        technician_name=technician.name,
        contact_email=technician.email,
        judged_by=row.target_on,
        booked_by=technician,
        booked_on=min(row.site_today(), on),
    )
    row.save(update_fields=["appointment"])
    keep_waits(row)
    return row


def certify(technician: User, until: dt.date, number: str = "CP-1") -> Certification:
    return Certification.objects.create(
        technician=technician, name="CP6000 repair", number=number, expires_on=until
    )


def fresh(work_order: WorkOrder) -> WorkOrder:
    """The row as it is now, with its facts."""
    return WorkOrder.objects.with_facts().get(pk=work_order.pk)
