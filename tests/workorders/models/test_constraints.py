"""What no code path can store: the invariants, asked of the database itself."""

import datetime as dt

import pytest
from django.db import DataError, IntegrityError, transaction

from portal.people.models import User
from tests.factories import make_partner
from workorders.models import Appointment, MissedSLAReason, Shipment, WorkOrder
from workorders.services import Booking, book_appointment
from workorders.states import DelayReason

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)


def refused(rows, **values) -> None:
    """The database refuses to give these rows these values."""
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        assert rows.update(**values) > 0


@pytest.mark.parametrize(
    "values",
    [
        {"status": "lost"},
        {"status": "on-hold"},
        {"held_from": "shipped"},
        {"status": "completed"},
        {"accepted_on": None},
        {"accepted_on": dt.date(2026, 3, 1)},
        {"subject": "s" * 201},
        {"description": "d" * 10_001},
        {"poc_phone": "1" * 33},
        {"number": "WO 1/2"},
        {"work_type": "holiday"},
        {"entitlement": None},
    ],
)
def test_a_work_order_that_cannot_be_is_not_stored(work_order, values):
    refused(WorkOrder.objects.filter(pk=work_order.pk), **values)


@pytest.mark.parametrize(
    "values",
    [
        {"status": "delivered"},
        {"delivered_on": dt.date(2026, 3, 4)},
        {"reported_by_partner": True},
        {"kind": "XYZ"},
        {"tracking_number": "9" * 61},
    ],
)
def test_a_shipment_that_cannot_be_is_not_stored(work_order, values):
    refused(Shipment.objects.filter(work_order=work_order), **values)


@pytest.mark.parametrize("number", ["work order", "shipment"])
def test_numbers_are_unique(work_order, number):
    row = work_order if number == "work order" else work_order.shipments.get()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_an_appointment_is_in_time_or_has_a_reason(work_order, dana):
    late = Booking(NOON, "Robin", "+1", "", DelayReason.WEATHER, "", work_order.target_on)
    book_appointment(work_order, late, by=dana)
    refused(Appointment.objects.all(), missed_sla=None)
    refused(Appointment.objects.all(), contact_phone="")


def test_a_reason_is_one_of_nine_for_a_date_that_misses(work_order, dana):
    known = {
        "work_order": work_order,
        "business_days_late": 3,
        "given_by": dana,
        "appointment_at": NOON,
    }
    good = known | {
        "reason": "weather",
        "target_on": work_order.target_on,
        "appointment_on": dt.date(2026, 3, 10),
    }
    for bad in ({"reason": "other"}, {"appointment_on": work_order.target_on}):
        with pytest.raises(IntegrityError), transaction.atomic():
            MissedSLAReason.objects.create(**good | bad)
    MissedSLAReason.objects.create(**good)


@pytest.mark.parametrize(
    "values",
    [
        {"role": "king"},
        {"role": "staff"},
        {"partner": None},
        {"is_superuser": True},
        {"email": "Dana@VoltFix.example"},
    ],
)
def test_a_person_is_a_partners_or_staff(dana, values):
    refused(User.objects.filter(pk=dana.pk), **values)


def test_a_partner_with_work_cannot_be_deleted(work_order):
    with pytest.raises(IntegrityError):
        make_partner("VoltFix").delete()
