"""When the work began, as it is said at completion where nobody had begun a visit in the portal
(docs/rules.md, rule 6).
"""

import datetime as dt

from workorders.dates import date_time_text
from workorders.fieldwork.completion_blockers import asks_when_it_began
from workorders.models import Visit
from workorders.models.ledger import Event
from workorders.services.errors import BeganMissing
from workorders.services.unit_of_work import UnitOfWork
from workorders.services.visits.check_in import begin, say_entered, visit_summary
from workorders.services.visits.delays import Delay, reason_of_day, record_reason
from workorders.states import DelayOf, VisitOutcome
from workorders.targets.judging import judged_on_completion


def say_when_it_began(work: UnitOfWork, began_at: dt.datetime | None, delay: Delay) -> None:
    """Enter the visit, where the work is completed without one.

    Raises BeganMissing where it is not said, and ReasonNeeded where that day is late and nobody
    has said why.
    """
    if not asks_when_it_began(work.work_order):
        return
    if began_at is None or work.by is None:
        raise BeganMissing(work.work_order)
    visit = begin(work, began_at, work.by)
    visit.ended_at, visit.outcome, visit.at_completion = began_at, VisitOutcome.DONE, True
    say_entered(work, visit)
    work.add(visit)
    work.follow_visits()
    began = date_time_text(began_at, work.work_order.site.zone)
    note = f"{began}, said at completion. {visit_summary(visit)}"
    work.log(Event.VISIT_ENTERED, note=note, appointment=visit.appointment)
    work.retarget()
    _explain_delay(work, visit, delay)


def _explain_delay(work: UnitOfWork, visit: Visit, delay: Delay) -> None:
    is_late = judged_on_completion(work.work_order, work.today).is_late
    if not is_late or visit.reason:
        return
    known = reason_of_day(work, visit.on)
    visit.missed_sla = known or record_reason(
        work, delay, DelayOf.BEGINNING, at=visit.began_at, on=visit.on
    )
    visit.save(update_fields=["missed_sla"])
    work.follow_visits()


def unsay_when_it_began(work: UnitOfWork) -> None:
    """The visit that was entered at completion goes; a reason given for it stays in the history."""
    visit = max((each for each in work.visits if each.at_completion), key=lambda visit: visit.pk)
    work.remove(visit)
