"""A work order that has gone on for long: its pages stay small, and ask no more than those of a
short one.
"""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories import book_on, fresh, make_accepted, ship
from workorders import services
from workorders.models import (
    Comment,
    ContactAttempt,
    File,
    Hold,
    LedgerEntry,
    PartReport,
    Visit,
    WorkOrder,
)
from workorders.models.ledger import Event
from workorders.services import Part
from workorders.states import Direction, PartProblem, ShipmentKind, VisitOutcome

pytestmark = pytest.mark.once

PAGES = [
    *(
        "work-order",
        "related",
        "rma-fso",
        "collaborate",
        "history",
        "receipt",
        "line-items",
        "complete",
    ),
    *("report-parts", "parts-sent-back", "parts-received", "end-visit", "second-poc"),
]
LARGEST = 105 * 1024  # bytes of HTML, its indentation included


@pytest.fixture
def people(dana, tess, staff, admin_user):
    return {"dispatcher": dana, "technician": tess, "staff": staff, "admin": admin_user}


def lived(people, *, times: int) -> WorkOrder:
    """In Progress, with a visit under way: 200 rows of history, 60 comments and 40 photos when
    lived twenty times.
    """
    dana, tess = people["dispatcher"], people["technician"]
    steps = tuple(
        f"Step {n} of the work, as it was written down [serial] [photo]"
        for n in range(times // 2 + 2)
    )
    row = make_accepted(dana, line_items=steps, images_required=True, return_parts_required=True)
    for n in range(times // 4 + 1):
        parts = [Part(f"CBL-{m}", 2, "Charging cable, 23 ft") for m in range(3)]
        details = services.ShipmentDetails(
            ShipmentKind.FSO, status="shipped", carrier="FedEx", tracking_number="78660"
        )
        services.enter_shipment(row, f"FSO-{row.pk}-{n}", details, parts=parts, by=None)
        ship(
            row,
            f"RMA-{row.pk}-{n}",
            kind="RMA",
            direction=Direction.RETURN,
            status="ordered",
            required=False,
        )
    book_on(row, tess)
    WorkOrder.objects.filter(pk=row.pk).update(status="in-progress")
    row = fresh(row)
    filled(row, people, times)
    services.start_visit(row, by=dana)
    return fresh(row)


def filled(row: WorkOrder, people, times: int) -> None:
    """With rows such as the services write them, at once."""
    dana, tess, staff = people["dispatcher"], people["technician"], people["staff"]
    now, today, item = timezone.now(), row.site_today(), row.line_items.first()
    known = {
        "work_order": row,
        "uploaded_by": dana,
        "uploaded_at": now,
        "partner": dana.partner,
        "size": 5,
        "cycle": 1,
    }
    photo = known | {
        "kind": "photo",
        "width": 4,
        "height": 3,
        "caption": "The left port after the work was done",
    }
    File.objects.bulk_create(
        File(**photo, name=f"IMG_{n}.jpg", upload_key=uuid.uuid4(), line_item=item)
        for n in range(2 * times)
    )
    Comment.objects.bulk_create(
        Comment(
            work_order=row,
            author=by,
            body="The POC asks for the morning, and for a call before.",
            at=now,
        )
        for _ in range(times)
        for by in (dana, tess, staff)
    )
    changes = {"status": ["shipped", "in-progress"], "subject": ["Replace", "Replace the cable"]}
    shipment = row.shipments.first()
    fields = {
        "work_order": row,
        "version": 1,
        "actor": dana,
        "at": now,
        "changes": changes,
        "note": "Said in words.",
    }
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            **fields, event=event, shipment=shipment if event == Event.SHIPMENT_UPDATED else None
        )
        for _ in range(2 * times)
        for event in (
            Event.UPDATED,
            Event.SHIPMENT_UPDATED,
            Event.COMPLETED,
            Event.SENT_BACK,
            Event.COMMENTED,
        )
    )
    ContactAttempt.objects.bulk_create(
        ContactAttempt(
            work_order=row, channel="call", reached=False, note="rang long", by=dana, at=now
        )
        for _ in range(times)
    )
    visited = {
        "work_order": row,
        "cycle": 1,
        "on": today,
        "entered_by": dana,
        "outcome": VisitOutcome.RETURN,
    }
    Visit.objects.bulk_create(
        Visit(**visited, began_at=now - n * dt.timedelta(hours=9), ended_at=now)
        for n in range(1, times // 2 + 2)
    )
    Hold.objects.bulk_create(
        Hold(work_order=row, first=today, last=today, reason="No access") for _ in range(times)
    )
    reported = {
        "work_order": row,
        "part_number": "CBL-1",
        "problem": PartProblem.DAMAGED,
        "quantity": 1,
    }
    PartReport.objects.bulk_create(
        PartReport(**reported, shipment=each, reported_by=dana, reported_at=now)
        for each in row.shipments.filter(direction=Direction.OUTBOUND)
    )


@pytest.fixture
def short(people) -> WorkOrder:
    return lived(people, times=1)


@pytest.fixture
def long(people) -> WorkOrder:
    return lived(people, times=20)


def addresses(row: WorkOrder) -> dict[tuple[str, str], str]:
    """Of each page, by who looks at it; the technician's are made for the phone."""
    found = {("dispatcher", name): reverse(name, args=[row.number]) for name in PAGES}
    found |= {("technician", name): found["dispatcher", name] for name in PAGES[:6]}
    found |= {("staff", name): found["dispatcher", name] for name in PAGES[:6]}
    return found | {
        ("admin", "change"): reverse("admin:workorders_workorder_change", args=[row.pk])
    }


def test_the_pages_of_a_long_work_order_are_small_and_ask_no_more_than_a_short_ones(
    people, short, long, client_of
):
    assert (long.comments.count(), long.files.count()) == (60, 40)
    assert long.ledger.count() >= 200
    browsers = {name: client_of(person) for name, person in people.items()}
    asked: dict[tuple[str, str], list[int]] = {}
    sizes: dict[tuple[str, str], int] = {}
    for row in (short, long):
        for who in ("dispatcher", "technician", "staff"):  # the thread is read from then on
            browsers[who].get(reverse("collaborate", args=[row.number]))
        for (who, name), url in addresses(row).items():
            with CaptureQueriesContext(connection) as queries:
                answer = browsers[who].get(url)
            assert answer.status_code in (200, 302), url
            asked.setdefault((who, name), []).append(len(queries))
            sizes[who, name] = len(answer.content)
    assert {page: counts for page, counts in asked.items() if counts[0] != counts[1]} == {}
    assert {page: size for page, size in sizes.items() if size > LARGEST} == {}
