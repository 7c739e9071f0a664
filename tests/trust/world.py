"""What VoltFix and Amped have in the portal, and the people who come to its addresses.

Every text of Amped says Kestrel: whoever reads that at VoltFix has read too much.
"""

import datetime as dt
import re
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import AutoField, BigAutoField
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from portal.outbox.models import Message
from portal.people.models import User
from portal.people.roles import Right, Role
from tests.factories import (
    fresh,
    make_accepted,
    make_admin,
    make_amped,
    make_carrier_service,
    make_dana,
    make_omar,
    make_partner,
    make_rita,
    make_site,
    make_staff,
    make_tess,
    make_user,
    make_voltfix,
    with_rights,
)
from tests.workorders.admin.calendars import closing
from tests.workorders.history.test_changing_hands import DEPOT, enter_everything
from tests.workorders.services.test_reviewing import book_late
from tests.workorders.status_matrix import enter, work_order_in
from tests.workorders.uploads import add
from workorders import services as s
from workorders.models import Depot, File, Hold, Import, Visit, WorkOrder
from workorders.states import VerdictKind

NOBODY, INACTIVE = "nobody", "inactive"
LOGGED_OUT = (NOBODY, INACTIVE)
MISSING = 10**9  # a key that no row has
FAR = 1_700_000_000


class World(NamedTuple):
    """The rows of VoltFix, those of Amped, and the people by what they are."""

    row: WorkOrder
    foreign: WorkOrder
    people: dict[str, User]
    media: str = ""  # the folder of their files


def made() -> World:
    dana, tess, admin = make_dana(), make_tess(), make_admin()
    row = ours(dana, tess, admin)
    far_away()
    foreign = theirs(admin)
    of_voltfix, of_amped = {"partner": make_voltfix()}, {"partner": make_amped()}
    moved = make_user("mo@voltfix.example", **of_voltfix)
    s.comment(row, body="Before I left", by=moved)
    User.objects.filter(pk=moved.pk).update(partner=make_amped())
    inactive = make_user("ivo@voltfix.example", Role.MANAGER, **of_voltfix)
    looking = with_rights(make_user("lou@chargepoint.example", Role.STAFF), Right.READ)
    people = {
        "dispatcher": dana,
        "manager": make_user("mia@voltfix.example", Role.MANAGER, **of_voltfix),
        "technician": tess,
        "not assigned": make_user("uma@voltfix.example", Role.TECHNICIAN, **of_voltfix),
        "other partner": make_omar(),
        "other's technician": make_user("pia@amped.example", Role.TECHNICIAN, **of_amped),
        "changed partner": User.objects.get(pk=moved.pk),
        INACTIVE: inactive,
        "staff": make_staff(),
        "looking": looking,
        "no right": make_rita(),
        "superuser": admin,
    }
    return World(fresh(row), fresh(foreign), people)


def far_away() -> None:
    """From here on keys are large: no row of Amped has the key of one of VoltFix, whatever kind."""
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table, key = model._meta.db_table, model._meta.pk
            if not isinstance(key, AutoField | BigAutoField):
                continue
            if connection.vendor == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute("INSERT INTO sqlite_sequence VALUES (%s, %s)", [table, FAR])
            else:
                sequence = "SELECT setval(pg_get_serial_sequence(%s, %s), %s)"
                cursor.execute(sequence, [table, key.column, FAR])


def ours(dana: User, tess: User, admin: User) -> WorkOrder:
    """In progress and visited, with one of everything that an address can name."""
    row = work_order_in("InP", dana, tess, admin)
    s.start_visit(row, by=dana)
    add(row, dana)
    Hold.objects.create(work_order=row, first=row.assigned_on, last=row.assigned_on, reason="Gate")
    Depot.objects.create(partner=make_voltfix(), name="Oakland", **DEPOT_FIELDS)
    late = make_accepted(dana, parts_required=False, assigned_on=dt.date(2026, 2, 20))
    reason = book_late(late, dana)
    s.review_reason(reason, kind=VerdictKind.MORE, note="Which storm?", by=admin)
    make_carrier_service()
    closing(row.territory, dt.date(2026, 3, 10), by=admin)
    Group.objects.create(name="Reviewers")
    Message.objects.create(key="m", to=dana.email, subject="Subject", body="Body")
    for kind in ("work-orders", "shipments", "certifications"):
        Import.objects.create(kind=kind, name="a.csv", by=admin, entered_at=timezone.now())
    return row


DEPOT_FIELDS = {
    "ship_to_name": "VoltFix Depot",
    "ship_to_phone": "+1 415 555 0100",
    "ship_to_street": "1 Depot Way",
    "ship_to_city": "Oakland",
    "ship_to_region": "CA",
    "ship_to_postal_code": "94607",
    "ship_to_country": "US",
}


def theirs(admin: User) -> WorkOrder:
    """Amped's, in progress, with a technician of theirs; all that can be said says Kestrel."""
    omar = make_omar()
    pia = make_user("pia@amped.example", Role.TECHNICIAN, partner=make_amped(), name="Kestrel Pia")
    site = make_site("Kestrel Site", "Kestrel Account", street="9 Kestrel St", city="Kestreltown")
    said = {name: f"Kestrel {name}" for name in ("subject", "description", "access_notes")}
    said |= {"poc_name": "Kestrel Poc", "poc_email": "poc@kestrel.example", "site": site}
    steps = ("Kestrel step", "Kestrel [serial]")
    number = {"number": "WO-KESTREL", "serial": "KESTREL-SN", "case_number": "KESTREL-CASE"}
    row = make_accepted(omar, line_items=steps, return_parts_required=True, **number, **said)
    s.change_ship_to(row, ship_to=DEPOT, by=omar)
    s.order_parts(fresh(row), by=admin)
    parts = [s.Part("KESTREL-1", 2, "Kestrel cable")]
    more = {"required": True, "carrier": "Kestrel Post", "tracking_number": "KES1"}
    enter(row, "FSO-KESTREL", admin, parts=parts, **more)
    enter(row, "RMA-KESTREL", admin, kind="RMA", direction="return", required=False)
    day = row.assigned_on
    s.parts_received(fresh(row), numbers=["FSO-KESTREL"], on=day, by=omar)
    at = dt.datetime(2026, 3, 3, 18, tzinfo=dt.UTC)
    booking = s.Booking(at, pia.name, contact_email=pia.email, technician=pia)
    s.book_appointment(fresh(row), booking, by=omar)
    enter_everything(fresh(row), omar)
    s.start_visit(fresh(row), by=omar)
    late = make_accepted(
        omar, number="WO-KESTREL-2", parts_required=False, assigned_on=dt.date(2026, 2, 20), **said
    )
    s.review_reason(book_late(late, omar), kind=VerdictKind.MORE, note="Kestrel?", by=admin)
    Depot.objects.create(partner=make_amped(), name="Kestrel", **DEPOT_FIELDS)
    make_partner("Amped Field Services").users.exclude(pk=pia.pk).update(phone="KESTREL")
    return row


# --- Addresses
class Address(NamedTuple):
    """One pattern of the URLconf: its name, or its route where it has none."""

    name: str
    route: str


def every_address(
    resolver: URLResolver | None = None, prefix: str = "", space: str = ""
) -> Iterator[Address]:
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield Address(f"{space}{pattern.name}" if pattern.name else route, route)
        else:
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from every_address(pattern, route, space + inner)


def path_of(address: Address, row: WorkOrder, **instead: Any) -> str:
    """A path with the keys of this row and of what belongs to it; or others `instead`."""
    known = keys_of(address, row) | instead
    plain = re.sub(r"\(\?P<(\w+)>.*?\)(?=\$|/|$)", r"<path:\1>", address.route)
    plain = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(known[found[1]]), plain)
    return "/" + re.sub(r"[\^$]|\\Z", "", plain)


def keys_of(address: Address, row: WorkOrder) -> dict[str, Any]:
    """What the parts of an address are called, and what they name of this row."""
    of_import = re.search(r"import/([\w-]+)/", address.route)
    file = File.objects.filter(work_order=row).first()
    found = {
        "number": row.number,
        "pk": row.territory_id if "serviceterritory" in address.route else row.pk,
        "technician": row.appointment.technician_id if row.appointment else MISSING,
        "visit": first_key(Visit.objects.filter(work_order=row)),
        "item": 1,
        "key": file.key if file else uuid.UUID(int=1),
        "hold_pk": first_key(row.holds.all()),
        "shipment_pk": first_key(row.shipments.all()),
        "object_id": object_of(address, row),
        "content_type_id": 1,
        "app_label": "workorders",
        "url": "nothing-here/",
        "uidb36": "1",
        "factor": MISSING,
        "token": "1",
    }
    if of_import:
        found["key"] = Import.objects.get(kind=of_import[1]).key
    elif address.name == "answer-verdict":
        asked = WorkOrder.objects.filter(partner=row.partner, missed_sla_reasons__isnull=False)
        found["number"] = asked.values_list("number", flat=True)[0]
    elif address.name == "account_reset_password_from_key":
        found["key"] = "1"
    return found


def first_key(rows: Any) -> int:
    return rows.values_list("pk", flat=True).first() or MISSING


def object_of(address: Address, row: WorkOrder) -> int:
    """The key of the object that a page of the admin is about."""
    model = re.match(r"admin/(\w+)/(\w+)/<path:object_id>", address.route)
    if not model:
        return 1
    about = apps.get_model(model[1], model[2])
    if about is WorkOrder:
        return row.pk
    rows = about.objects.order_by("pk")
    names = {field.name for field in about._meta.get_fields()}
    if "work_order" in names:
        rows = rows.filter(work_order__partner=row.partner)
    elif "partner" in names:
        rows = rows.filter(partner=row.partner)
    return first_key(rows)
