"""Open work orders in bulk: a mix as in life, laid out so that one holiday ahead moves one of a
hundred.
"""

import datetime as dt
import functools
import random

from django.db import connection
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from portal.people.models import Partner, User
from portal.people.roles import Role
from sla import BusinessCalendar
from workorders.models import (
    Account,
    Appointment,
    DayState,
    Entitlement,
    Hold,
    ServiceTerritory,
    Shipment,
    Site,
    Station,
    WorkOrder,
)
from workorders.services.calendars.proposals import CalendarChange, approve, propose
from workorders.services.setting_up import set_up
from workorders.states import DayKind
from workorders.targets.computing import target_of
from workorders.targets.terms import business_calendar, terms_of

BATCH = 5000
SPAN = 140  # business days over which the starts are spread, 40 of them ahead


def make(count: int) -> None:
    today = timezone.now().date()
    set_up(today.year)
    calendar = business_calendar(territory())
    first = calendar.add_business_days(today - dt.timedelta(days=145), 0)
    World(
        territory(), calendar, [calendar.add_business_days(first, n + 1) for n in range(SPAN)]
    ).fill(count)


def territory() -> ServiceTerritory:
    return ServiceTerritory.objects.get(name="US-Federal")


@functools.cache
def holiday_ahead() -> dt.date:
    """The business day that one of a hundred has between start and target."""
    return business_calendar(territory()).add_business_days(timezone.now().date(), 15)


def toggle(day: dt.date, *, closed: bool) -> None:
    """Close the day, or open it again: proposed and approved."""
    boss = User.objects.get(email="boss@operator.example")
    state = DayState(DayKind.CLOSED, "Day of the benchmark") if closed else DayState()
    approve(propose(territory(), CalendarChange({day: state}), by=boss), by=boss)


def add_people() -> None:
    """Two dispatchers, who are notified of each target that moves."""
    for name in ("dana", "dora"):
        partner, email = Partner.objects.get(), f"{name}@voltfix.example"
        User.objects.create_user(email, None, role=Role.DISPATCHER, partner=partner, name=name)


class World:
    def __init__(
        self, territory: ServiceTerritory, calendar: BusinessCalendar, starts: list[dt.date]
    ) -> None:
        self.territory, self.calendar, self.starts = territory, calendar, starts
        self.random = random.Random(1)
        self.boss = User.objects.create_superuser("boss@operator.example", name="Boss")
        self.partner = Partner.objects.create(name="VoltFix", email_domain="voltfix.example")
        account = Account.objects.create(name="Bluebird Retail Trust")
        self.site = Site.objects.create(
            account=account,
            name="Mission Creek",
            city="Austin",
            country="US",
            time_zone="America/Chicago",
        )
        self.station = Station.objects.create(site=self.site, serial="SN1", model="CP6000")
        self.levels = [Entitlement.objects.get(name="Assure")] * 4 + [
            Entitlement.objects.get(name="Assure 3-Day")
        ]

    def fill(self, count: int) -> None:
        for start in range(0, count, BATCH):
            rows = WorkOrder.objects.bulk_create(
                self._work_order(n) for n in range(start, min(count, start + BATCH))
            )
            Shipment.objects.bulk_create(self._shipment(row) for row in rows if row.parts_required)
            Hold.objects.bulk_create(self._hold(row) for row in rows if self.random.random() < 0.02)
            Appointment.objects.bulk_create(
                self._appointment(row) for row in rows if self.random.random() < 0.3
            )
        mine = Appointment.objects.filter(work_order=OuterRef("pk"))
        WorkOrder.objects.update(appointment=Subquery(mine.values("pk")))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as autovacuum does in life

    def _work_order(self, n: int) -> WorkOrder:
        start, level = self.random.choice(self.starts), self.random.choice(self.levels)
        parts = self.random.random() < 0.6
        target = target_of(terms_of(level), self.calendar, start, []).due_on
        return WorkOrder(
            number=f"WO-{n:08}",
            subject="Replace charging cable - CP6000",
            description="The cable of the left port is worn. " * 6,
            work_type="repair",
            status="in-progress" if not parts or n % 2 else "shipped",
            partner=self.partner,
            site=self.site,
            station=self.station,
            territory=self.territory,
            entitlement=level,
            parts_required=parts,
            assigned_on=start - dt.timedelta(days=7) if parts else start,
            accepted_on=start,
            start_on=start,
            target_on=target,
            target_revision=1,
            level_revision=1,
            search_text=f"wo {n:08} replace charging cable cp6000 mission creek",
        )

    def _shipment(self, row: WorkOrder) -> Shipment:
        delivered = row.status == "in-progress"
        return Shipment(
            number=f"FSO-{row.number}",
            work_order=row,
            kind="FSO",
            carrier="FedEx",
            service="2Day",
            status="delivered" if delivered else "shipped",
            pick_up_on=row.start_on - dt.timedelta(days=4),
            estimated_delivery_on=row.start_on,
            delivered_on=row.start_on if delivered else None,
        )

    def _hold(self, row: WorkOrder) -> Hold:
        last = row.start_on - dt.timedelta(days=2)
        return Hold(
            work_order=row,
            first=last - dt.timedelta(days=3),
            last=last,
            stops_clock=True,
            reason="Fenced off",
        )

    def _appointment(self, row: WorkOrder) -> Appointment:
        at = dt.datetime.combine(row.target_on, dt.time(9), dt.UTC)
        return Appointment(
            work_order=row,
            at=at,
            on=row.target_on,
            technician_name="Tess",
            contact_phone="+1 415 555 0100",
            judged_by=row.target_on,
            booked_by=self.boss,
            booked_on=row.target_on,
        )
