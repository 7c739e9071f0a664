"""Random steps: holds, the appointment, visits and line items."""

import datetime as dt
from functools import partial

from hypothesis import strategies as st

from tests.workorders.model_based.steps import Steps, action
from tests.workorders.model_based.values import ACTIVE, AT_WORK, DAY, Booked, Hold, Visit, instant
from workorders import services as s
from workorders.states import DelayReason, VisitOutcome

EVENING = dt.time(20)


class AtWork(Steps):
    # --- Holds
    @action(lambda self: self.model.is_open, stops=st.booleans())
    def hold_or_resume(self, stops: bool = False) -> None:
        model = self.model

        def held() -> None:
            model.holds = (*model.holds, Hold(model.today, None, stops))
            model.held_from, model.status = model.status, "on-hold"

        def resumed() -> None:
            model.status, model.held_from = model.held_from, ""
            model.end_hold()

        if model.status == "on-hold":
            self.take(
                True,
                partial(s.resume, self.row, by=self.staff),
                resumed,
                step="resumed",
                shipments_changed=True,
            )
        else:
            call = partial(s.hold, self.row, reason="No access", stops_clock=stops, by=self.staff)
            self.take(model.status in ACTIVE, call, held, step="held")

    @action(
        lambda self: self.model.holds,
        ago=st.integers(0, 5),
        days=st.integers(0, 4),
        stops=st.booleans(),
    )
    def correct_hold(self, ago: int, days: int, stops: bool) -> None:
        """The last one."""
        model = self.model
        known, first = model.holds[-1], model.today - ago * DAY
        after = Hold(first, None if known.last is None else first + days * DAY, stops)
        possible = (
            model.is_open
            and first >= model.assigned_on
            and (after.last is None or after.last <= model.today)
        )
        call = partial(
            s.correct_hold, self.row.holds.latest("pk"), **after._asdict(), by=self.staff
        )
        change = partial(setattr, model, "holds", (*model.holds[:-1], after))
        self.take(possible, call, change, writes=after != known)

    # --- The appointment
    @action(
        lambda self: self.model.accepted_on and self.model.is_open,
        offset=st.one_of(st.none(), st.integers(-2, 9)),
        says_yes=st.booleans(),
    )
    def book(self, offset: int | None = 0, says_yes: bool = True) -> None:
        """Late, or before the parts, it is asked about; nothing is saved before the answer.

        No offset: the last day.
        """
        model = self.model
        last_day = max(model.current_target or model.today, model.today)
        on = last_day if offset is None else model.today + offset * DAY
        booked, target, parts_on = model.booked, model.current_target, model.awaited
        same_day = booked is not None and booked.on == on
        decided = model.first_visit is not None and not (same_day and model.lacks_reason)
        keeps = bool(same_day and booked and booked.judged_by)
        was_given = self.has_reason_for(on)
        is_late = model.is_late(on) and not (decided or keeps)
        is_asked = is_late and not was_given
        too_early = bool(parts_on and model.today <= on < parts_on and not same_day)
        at = dt.datetime.combine(on, EVENING, model.zone)
        booking = s.Booking(at, "Robin", "+1 415 555 0111")
        if says_yes and is_asked:
            booking = booking._replace(confirmed_target=target, reason=DelayReason.WEATHER)
        is_past = on < model.today and not same_day
        if says_yes and is_past:
            booking = booking._replace(confirmed_past=on)
        if says_yes and too_early:
            booking = booking._replace(confirmed_parts=parts_on)
        is_same = same_day and not model.lacks_reason
        possible = model.accepted_on and model.is_open and on >= model.began_on

        def change() -> None:
            if is_same:
                return
            judged_by = target if is_late else model.in_time_by(on)
            found = None if decided else judged_by
            made = Booked(at, found, decided, model.cycle, model.now)
            made.has_reason = is_late
            model.booked, model.bookings = made, (*model.bookings, made)

        call = partial(s.book_appointment, self.row, booking, by=self.partner)
        self.take(
            possible and (says_yes or not (is_asked or too_early or is_past)),
            call,
            change,
            writes=not is_same,
        )

    @action(lambda self: self.model.booked and self.model.is_open)
    def take_back(self) -> None:
        """Called off without a new date: neither it nor what it had replaced counts any more."""
        model = self.model
        visits = [visit for visit in model.visits if visit.cycle == model.cycle]
        is_made = any(model.booking_of(visit) is model.booked for visit in visits)
        possible = model.accepted_on and model.is_open and model.booked and not is_made

        def change() -> None:
            made = [model.booking_of(visit) for visit in visits]
            last = max((model.bookings.index(each) for each in made if each), default=-1)
            for each in model.bookings[last + 1 :]:
                if each.cycle == model.cycle and each.taken_back_at is None:
                    each.taken_back_at = model.now
            model.booked = None

        call = partial(s.take_back_appointment, self.row, note="Called off", by=self.partner)
        self.take(possible and not model.at_site, call, change)

    def has_reason_for(self, day: dt.date) -> bool:
        """Given in this cycle for this very day, and the appointment has been in time since."""
        model = self.model
        if model.booked is None or model.is_late(model.booked.on):
            return False
        kept = [b for b in model.bookings if b.cycle == model.cycle and not b.taken_back_at]
        return any(each.on == day and each.has_reason for each in kept)

    # --- The day at the site
    def come_as_booked(self) -> None:
        if self.model.booked:
            self.wait_until(max(self.model.booked.on, self.model.today))
        self.visit()

    @action(
        lambda self: (
            self.model.status == "in-progress" or (self.model.at_site and self.model.is_open)
        ),
        outcome=st.sampled_from(VisitOutcome),
    )
    def visit(self, outcome: VisitOutcome = VisitOutcome.DONE) -> None:
        """Begin one, or end the one under way, also on hold."""
        model = self.model
        if model.at_site:
            call = partial(s.end_visit, self.row, outcome=outcome, by=self.partner)
            in_vain = outcome == VisitOutcome.NOBODY
            self.take(model.status in AT_WORK, call, partial(model.end_visit, in_vain))
        else:
            tapped = Visit(model.cycle, model.now, True, model.today, model.now)
            began = (*model.visits, tapped)
            call = partial(s.start_visit, self.row, by=self.partner)
            self.take(model.status == "in-progress", call, partial(setattr, model, "visits", began))

    @action(
        lambda self: self.model.first_visit and self.model.status == "in-progress",
        ago=st.integers(0, 5),
    )
    def correct_visit(self, ago: int) -> None:
        """The last one of this cycle began on another day."""
        model, last = self.model, self.model.visits[-1]
        day, known = model.today - ago * DAY, self.row.visits.latest("pk")
        began_at = instant(day) if day != last.on else known.began_at
        call = partial(s.correct_visit, self.row, known.pk, began_at=began_at, by=self.partner)
        moved = last if day == last.on else model.typed(last, day)
        change = partial(setattr, model, "visits", (*model.visits[:-1], moved))
        self.take(day >= model.began_on, call, change, writes=day != last.on)

    @action(
        lambda self: self.model.status == "in-progress",
        number=st.sampled_from([1, 1, 2]),
        note=st.sampled_from(["", "The breaker is there"]),
    )
    def tick(self, number: int = 1, note: str = "") -> None:
        """Out of the order with a note alone."""
        model, known = self.model, self.row.line_items.get(number=number)
        in_order = number == 1 or {1, number} & model.ticked or note
        call = partial(s.tick_line_item, self.row, number, note=note, by=self.partner)
        is_new = number not in model.ticked

        def change() -> None:
            model.ticked, model.worked = model.ticked | {number}, model.worked or is_new

        writes = is_new or bool(note and not known.note)
        self.take(model.status == "in-progress" and in_order, call, change, writes=writes)

    @action(lambda self: self.model.status == "in-progress")
    def untick(self) -> None:
        model = self.model
        call = partial(s.untick_line_item, self.row, 1, by=self.partner)
        change = partial(setattr, model, "ticked", model.ticked - {1})
        self.take(model.status == "in-progress", call, change, writes=1 in model.ticked)
