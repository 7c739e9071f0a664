"""The date at the site of a booking or a visit."""

import datetime as dt

from workorders.dates import day_text
from workorders.models.ledger import Event
from workorders.services.errors import DomainError
from workorders.services.unit_of_work import UnitOfWork


def site_date(work: UnitOfWork, at: dt.datetime, field: str) -> dt.date:
    """The date at the site. Raises DomainError for one before the current cycle began."""
    row = work.work_order
    on = at.astimezone(row.site.zone).date()
    began_on, began = row.accepted_on, "accepted"
    if row.was_sent_back and (sent_back_on := _sent_back_on(work)):
        began_on, began = sent_back_on, "sent back"
    if began_on and on < min(began_on, work.today):
        sentence = f"This is before the work order was {began}, {day_text(began_on)}."
        raise DomainError(sentence, field)
    return on


def _sent_back_on(work: UnitOfWork) -> dt.date | None:
    row = work.work_order
    entries = row.ledger.filter(event=Event.SENT_BACK, changes__cycle__1=row.cycle)
    at = entries.order_by("pk").values_list("at", flat=True).last()
    return at and at.astimezone(row.site.zone).date()
