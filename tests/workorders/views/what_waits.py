"""Work orders of which each waits for something, or for nothing; their numbers say what."""

import datetime as dt

from portal.people.models import User
from tests.factories import (
    fresh,
    make_accepted,
    make_entitlement,
    make_user,
    make_work_order,
    ready_to_complete,
    ship,
)
from tests.workorders.views.list_page import MONDAY
from workorders import services
from workorders.models import WorkOrder
from workorders.states import VerdictKind, VisitOutcome

LATER = dt.datetime(2026, 3, 4, 17, tzinfo=dt.UTC)  # Wednesday, 9:00 in San Francisco
DAY = dt.timedelta(days=1)
RETURN = {"kind": "RMA", "direction": "return", "required": False, "status": "ordered"}


def book(work_order: WorkOrder, day: int, by: User) -> WorkOrder:
    at = dt.datetime(2026, 3, day, 18, tzinfo=dt.UTC)
    return services.book_appointment(
        work_order, services.Booking(at, "Robin", "+1 415 555 0111"), by=by
    )


def at_work(by: User, number: str, **fields: bool) -> WorkOrder:
    """In Progress, with Target SLA Tue, Mar 10."""
    relaxed = make_entitlement("Relaxed", 6)
    return make_accepted(by, number=number, parts_required=False, entitlement=relaxed, **fields)


def visited(by: User, number: str, outcome: VisitOutcome) -> WorkOrder:
    work_order = book(at_work(by, number), 9, by)
    services.start_visit(work_order, by=by)
    services.end_visit(work_order, outcome=outcome, by=by)
    return work_order


def what_waits(by: User, staff: User, mark: str, clock) -> None:
    """Lives of a partner, each work order named after what it waits for; those called NONE wait for
    nothing of theirs.
    """
    make_work_order(f"ACCEPT-1-{mark}", partner=by.partner)
    make_work_order(f"ACCEPT-2-{mark}", partner=by.partner, parts_required=False)
    for_booking(by, staff, mark, clock)
    for_a_word(by, staff, mark)
    held(by, staff, mark)
    parts_back(by, staff, mark)
    for name in ("REASON-1", "NONE-GIVEN"):
        row = book(make_accepted(by, number=f"{name}-{mark}"), 20, by)
        ship(
            row,
            f"FSO-{name}-{mark}",
            carrier="",
            service="",
            estimated_delivery_on=MONDAY + 7 * DAY,
        )
    reason = {"reason": "weather", "confirmed_target": fresh(row).target_on}
    again = services.Booking(fresh(row).appointment.at, "Robin", "+1 415 555 0111", **reason)
    services.book_appointment(fresh(row), again, by=by)
    for name, kind in (("VERDICT-1", VerdictKind.MORE), ("NONE-EXCUSED", VerdictKind.EXCUSED)):
        judged(by, staff, f"{name}-{mark}", kind)
    book(at_work(by, f"VISIT-1-{mark}"), 3, by)
    began = book(at_work(by, f"NONE-UNDER-WAY-{mark}"), 3, by)
    book(at_work(by, f"NONE-AHEAD-{mark}"), 9, by)
    clock.move_to(LATER)
    services.start_visit(began, by=by)


def judged(by: User, staff: User, number: str, kind: VerdictKind) -> None:
    """Booked for Mon, Mar 9, after Target SLA Tue, Mar 3; staff have said what they think of the
    reason.
    """
    row = make_accepted(by, number=number, parts_required=False)
    late = {"reason": "weather", "confirmed_target": row.target_on}
    at = dt.datetime(2026, 3, 9, 18, tzinfo=dt.UTC)
    services.book_appointment(row, services.Booking(at, "Robin", "+1 415 555 0111", **late), by=by)
    services.review_reason(row.missed_sla_reasons.get(), kind=kind, note="Which storm?", by=staff)


def for_booking(by: User, staff: User, mark: str, clock) -> None:
    at_work(by, f"BOOK-1-{mark}")
    visited(by, f"BOOK-2-IN-VAIN-{mark}", VisitOutcome.NOBODY)
    known = make_accepted(by, number=f"BOOK-3-TARGET-{mark}")
    ship(known, f"FSO-3-{mark}", carrier="", service="", estimated_delivery_on=MONDAY + 7 * DAY)
    passed = book(
        make_accepted(by, number=f"BOOK-4-PASSED-{mark}"), 3, by
    )  # and the parts are not there yet
    ship(passed, f"FSO-4-{mark}", carrier="", service="", estimated_delivery_on=MONDAY + 7 * DAY)
    make_accepted(by, number=f"NONE-NO-TARGET-{mark}")
    visited(by, f"NONE-DONE-{mark}", VisitOutcome.DONE)
    again = visited(by, f"NONE-BOOKED-AGAIN-{mark}", VisitOutcome.RETURN)
    clock.shift(1)
    book(again, 10, by)
    services.hold(
        at_work(by, f"NONE-ON-HOLD-{mark}"), reason="Fenced off", stops_clock=False, by=staff
    )


def held(by: User, staff: User, mark: str) -> None:
    """To be resumed on Wednesday; what is asked for already waits for nobody here."""
    for name, day in (("RESUME-1", 4), ("NONE-ASKED-TO-RESUME", 4), ("NONE-HELD-ON", 5)):
        row = at_work(by, f"{name}-{mark}")
        ahead = dt.date(2026, 3, day)
        row = services.hold(row, reason="Fenced off", stops_clock=False, resume_on=ahead, by=staff)
        if name == "NONE-ASKED-TO-RESUME":
            services.request_assistance(row, body="The fence is gone.", by=by)


def for_a_word(by: User, staff: User, mark: str) -> None:
    names = ("ANSWER-1", "NONE-REPLIED", "NONE-READ", "NONE-INTERNAL", "NONE-OVER")
    for name in names:
        row = book(at_work(by, f"{name}-{mark}"), 9, by)
        services.request_assistance(row, body="Nobody answers the door.", by=by)
        services.comment(
            row, body="Who opens the gate?", internal=name == "NONE-INTERNAL", by=staff
        )
        if name == "NONE-REPLIED":
            services.comment(
                row, body="The guard.", by=make_user(f"kim-{mark}@x.example", partner=by.partner)
            )
        elif name == "NONE-READ":
            services.read_thread(row, by=by)
        elif name == "NONE-OVER":
            services.cancel(fresh(row), comment="The fault cleared.", by=staff)


def parts_back(by: User, staff: User, mark: str) -> None:
    unused = make_accepted(by, number=f"RETURN-1-UNUSED-{mark}")
    ship(unused, f"FSO-U-{mark}", status="delivered", carrier="", service="", delivered_on=MONDAY)
    services.cancel(fresh(unused), comment="The fault cleared.", by=staff)
    for name, due in ((f"RETURN-2-DUE-{mark}", MONDAY + 7 * DAY), (f"NONE-NOT-YET-{mark}", None)):
        row = book(at_work(by, name), 9, by)
        ship(row, f"RMA-{name}", carrier="", service="", return_due_on=due, **RETURN)
    old = book(
        at_work(by, f"RETURN-3-OLD-{mark}", return_parts_required=True), 9, by
    )  # nobody has entered a return
    services.start_visit(old, by=by)
    services.end_visit(old, outcome=VisitOutcome.DONE, by=by)
    book(at_work(by, f"NONE-NOT-VISITED-{mark}", return_parts_required=True), 9, by)
    gone = ready_to_complete(visited(by, f"NONE-SENT-{mark}", VisitOutcome.DONE), by=by)
    ship(gone, f"RMA-SENT-{mark}", carrier="", service="", **RETURN | {"status": "shipped"})
