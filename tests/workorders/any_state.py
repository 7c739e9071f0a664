"""Work orders in any state that the database allows."""

import datetime as dt

from workorders.models import Appointment, WorkOrder
from workorders.services.waiting import keep_waits

DAY = dt.timedelta(days=1)
MONDAY = dt.date(2026, 3, 2)
NINE = dt.datetime(2026, 3, 2, 17, tzinfo=dt.UTC)  # on Monday morning, in San Francisco
NOON = dt.datetime(
    2026, 3, 2, 12, tzinfo=dt.UTC
)  # Monday everywhere but in the far west and the far east


def change(work_order: WorkOrder, **columns) -> WorkOrder:
    """Any state of the row that the database allows, without the way there."""
    WorkOrder.objects.filter(pk=work_order.pk).update(**columns)
    keep_waits(work_order)
    return work_order


def an_appointment(
    work_order: WorkOrder, on: dt.date, by, judged_by: dt.date | None = None
) -> Appointment:
    return Appointment(
        work_order=work_order,
        at=dt.datetime.combine(on, dt.time(17), dt.UTC),
        on=on,
        technician_name="Tess",
        contact_phone="+1 415 555 0188",
        judged_by=judged_by,
        booked_by=by,
        booked_on=on,
    )
