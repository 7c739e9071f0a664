"""What is judged of a work order, by what and how (docs/rules.md, rule 6)."""

import datetime as dt

from tests.workorders.model_based.values import Booked, Visit, business_days


class Judging:
    """Of the facts that `rules.Model` holds."""

    bookings: tuple[Booked, ...]
    visits: tuple[Visit, ...]

    @property
    def current_target(self) -> dt.date | None:
        """None while an open hold stops the clock of a target that staff set."""
        return None if self.is_stopped else self.target

    @property
    def kept(self) -> dt.date | None:
        """The last target that was known when the first visit began, or since, where there is none
        any more.
        """
        visit = self.first_visit
        if not visit or self.target or self.cycle > 1:
            return None
        before = [target for at, target in self.moves if at < visit.at]
        since = [target for at, target in self.moves if at >= visit.at and target]
        return [*before[-1:], *since][-1] if before or since else None

    @property
    def judging(self) -> dt.date | None:
        """The target that judges the first visit, also when there is none any more."""
        return self.current_target or self.kept

    @property
    def is_stopped(self) -> bool:
        stopped = any(hold.stops_clock and hold.last is None for hold in self.holds)
        return self.set_by_staff and self.is_open and stopped

    def judge_booking(self) -> None:
        """In time for the first target that comes; that stays so when the target moves earlier
        (docs/rules.md, rule 6).
        """
        booked = self.booked
        if booked is None or booked.is_return or booked.judged_by or not self.current_target:
            return
        if self.is_late(booked.on):
            return
        booked.judged_by = self.in_time_by(booked.on)

    def is_late(self, day: dt.date) -> bool:
        """After the target, and after the latest day that was booked in time."""
        protected = self.protected
        is_spared = protected is not None and day <= protected[0]
        target = self.judging
        return bool(target and day > target and not is_spared)

    def in_time_by(self, day: dt.date) -> dt.date | None:
        """The target by which this day, which is not late, is in time."""
        target = self.judging
        if target and day > target and self.protected:
            return self.protected[1]
        return target

    @property
    def protected(self) -> tuple[dt.date, dt.date] | None:
        """The latest day that was booked in time before it had passed, and the target then. For a
        visit only what was booked by its day counts.
        """
        visit, found = self.first_visit, []
        for each in self.bookings:
            in_time = each.judged_by and each.made_on <= each.on <= each.judged_by
            if visit is None:
                was_kept = each.taken_back_at is None
            else:
                known = each.on == visit.on or each.made_on <= visit.on
                was_kept = known and each.stood_at(visit.at)
            if in_time and was_kept and each.cycle == self.cycle:
                found.append((each.on, each.judged_by))
        return max(found, default=None)

    def booking_of(self, visit: Visit) -> Booked | None:
        """Of the visit's own day, else the one that stood then."""
        known = [b for b in self.bookings if b.cycle == visit.cycle and b.stood_at(visit.at)]
        of_day = [each for each in known if each.on == visit.on]
        stood = [each for each in known if each.made_at <= visit.at]
        return (of_day or stood or [None])[-1]

    @property
    def late_day(self) -> dt.date | None:
        """The day that is late now, while the work is open."""
        visit = self.first_visit
        if not self.is_open or not self.judging:
            return None
        if visit or self.booked:
            day = visit.on if visit else self.booked.on
            return day if self.is_late(day) else None
        overdue = self.parts_due is not None and self.parts_due < self.today
        is_late = self.today > self.target and not overdue and not self.proposed
        return self.today if is_late else None

    @property
    def counts_by_outcome(self) -> bool:
        """In the scorecard: by the first outcome, unless the work is canceled."""
        return bool(self.outcome and self.outcome[0]) and self.status != "canceled"

    @property
    def first_visit(self) -> Visit | None:
        return min(
            (visit for visit in self.visits if visit.cycle == self.cycle),
            key=lambda visit: visit.at,
            default=None,
        )

    @property
    def in_vain(self) -> bool:
        """Nobody was there at the first visit of this cycle."""
        return bool(self.first_visit and self.first_visit.nobody_there)

    @property
    def lacks_reason(self) -> bool:
        """Booked while there was no target, and found late when it came; unless a visit was in time
        since.
        """
        booked, visit = self.booked, self.first_visit
        if not self.is_open or not booked or booked.judged_by or booked.is_return:
            return False
        if not self.current_target or not self.is_late(booked.on):
            return False
        return not visit or self.is_late(visit.on)

    @property
    def at_site(self) -> Visit | None:
        return next((visit for visit in self.visits if visit.is_open), None)

    @property
    def lacks(self) -> bool:
        """Whether anything blocks Completed."""
        lacks_reason = self.lacks_reason and not self.asks_when
        return bool(lacks_reason or self.ticked != {1, 2})

    @property
    def asks_when(self) -> bool:
        """Completed asks when the work began, but not of paperwork alone."""
        is_work = self.cycle == 1 or self.worked or self.ticked != {1, 2} or self.sent
        return not self.first_visit and is_work

    @property
    def counts_reason(self) -> bool:
        """A reason counts for what is judged in this cycle: the first visit, else the booking."""
        if self.ended_late:
            return True
        if visit := self.first_visit:
            booking = self.booking_of(visit)
            return visit.has_reason or bool(booking and booking.has_reason)
        return bool(self.booked and self.booked.has_reason)

    def explained(self, day: dt.date) -> bool:
        """A reason was given in this cycle for this day, and its appointment not taken back."""
        booked = [
            b.has_reason and b.on == day and b.cycle == self.cycle and not b.taken_back_at
            for b in self.bookings
        ]
        return (self.partner, self.cycle, day) in self.given or any(booked)

    def judged(self) -> tuple[dt.date | None, dt.date | None, int]:
        """Target, day and business days late: by the first visit, else by today."""
        target, visit = self.judging, self.first_visit
        if target is None:
            return None, None, 0
        on = visit.on if visit else self.today
        if self.is_late(on):
            return target, on, business_days(target, on)
        return self.in_time_by(on), on, 0
