"""Random steps: how work ends and comes back; and what happens beside it."""

from functools import partial

from hypothesis import strategies as st

from tests.factories import make_entitlement
from tests.workorders.model_based.at_work import AtWork
from tests.workorders.model_based.steps import action
from tests.workorders.model_based.values import DAY, LEVELS, Visit, business_days, instant
from workorders import services as s
from workorders.models.ledger import Event
from workorders.states import Channel, CouldNotCompleteReason, DelayReason

HARMLESS = [
    Event.CONTACT_TRIED,
    Event.LINE_ITEM_DONE,
    Event.LINE_ITEM_CHANGED,
    Event.LINE_ITEM_UNDONE,
]


class Ends(AtWork):
    @action(
        lambda self: self.model.status == "in-progress",
        ago=st.one_of(st.none(), st.integers(0, 4)),
        says_why=st.booleans(),
    )
    def complete(self, ago: int | None = 0, says_why: bool = True) -> None:
        """Without a visit it asks when the work began, and why, where that day is late and no
        reason was given for it.
        """
        model, visits = self.model, self.model.visits
        asks, on = model.asks_when, model.today - (ago or 0) * DAY
        lacks_why = False
        if asks and ago is not None:
            visit = Visit(model.cycle, instant(on), False, on, at_completion=True)
            visit = model.typed(visit, on)
            visit = visit._replace(has_reason=self.needs_why(visit))
            lacks_why, entered = visit.has_reason and not model.explained(on), (*visits, visit)

        def change() -> None:
            if asks:
                model.visits = entered
                model.given |= {(model.partner, model.cycle, on)} if lacks_why else set()
                model.settle()
            if model.outcome is None:
                model.outcome, model.first_target = model.judged(), model.target
                model.outcome_in_vain = bool(model.outcome[0]) and model.in_vain
            else:
                model.later = model.later | {model.cycle: model.judged()}
            model.status = "completed"
            model.end_visit()

        is_said = ago is not None and on >= model.began_on
        possible = (
            model.status == "in-progress"
            and not model.lacks
            and (not asks or is_said)
            and (says_why or not lacks_why)
        )
        said = {"began_at": instant(on)} if ago is not None else {}
        delay = s.Delay(DelayReason.WEATHER) if says_why else s.Delay()
        call = partial(s.complete, self.row, delay=delay, by=self.partner, **said)
        self.take(possible, call, change, step="completed")

    def needs_why(self, visit: Visit) -> bool:
        """Late once it is entered, when parts entered since move its target no more; and no reason
        was given for its appointment.
        """
        model = self.model
        known, booking = (model.visits, model.target, model.moves), model.booking_of(visit)
        model.visits = (*model.visits, visit)
        if model.follows:
            model.target = model.computed_target()
        is_late = model.is_late(visit.on)
        model.visits, model.target, model.moves = known
        return is_late and not (booking and booking.has_reason)

    @action(lambda self: self.model.status == "in-progress", comes=st.booleans())
    def do_what_is_missing(self, comes: bool = True) -> None:
        """The way to Completed, which chance alone seldom finds: as it was booked, or without a
        visit.
        """
        for number in (1, 2):
            self.tick(number)
        if not self.model.first_visit and (comes or not self.model.booked):
            self.come_as_booked()
        self.complete()

    @action(
        lambda self: self.model.status == "completed",
        after=st.one_of(st.none(), st.integers(-1, 9)),
        again=st.booleans(),
    )
    def send_back(self, after: int | None = None, again: bool = False) -> None:
        """With a target for the new cycle, or without; the second line item to be done again, or
        not.
        """
        model = self.model
        target = None if after is None else model.today + after * DAY

        def change() -> None:
            model.status, model.cycle, model.booked, model.set_by_staff = (
                "in-progress",
                model.cycle + 1,
                None,
                False,
            )
            model.sent_back[model.cycle] = model.today
            model.target = model.known_delivery = None
            model.ticked -= {2} if again else set()
            model.worked = model.sent = False
            if target:
                model.target, model.set_by_staff = target, True
                model.known_delivery = model.last_delivery

        given = {"next_target_on": target, "next_target_reason": "Promised"} if target else {}
        call = partial(
            s.send_back,
            self.row,
            note="It is loose",
            again=[2] if again else [],
            **given,
            by=self.staff,
        )
        possible = model.status == "completed" and (after is None or after >= 0)
        self.take(possible, call, change, step="sent back")

    @action(lambda self: self.model.cycle > 1, after=st.integers(0, 9))
    def set_target(self, after: int = 0) -> None:
        model, day = self.model, self.model.today + after * DAY

        def change() -> None:
            model.target, model.set_by_staff = day, True
            model.known_delivery = model.last_delivery
            model.judge_booking()

        call = partial(
            s.set_target, self.row, target_on=day, target_reason="Promised", by=self.staff
        )
        self.take(model.is_open and model.cycle > 1, call, change, step="target set")

    def close(self) -> None:
        model = self.model
        call, change = (
            partial(s.close, self.row, by=self.staff),
            partial(setattr, model, "status", "closed"),
        )
        self.take(model.status == "completed", call, change, step="closed")

    @action(lambda self: len(self.model.steps) > 4)
    def cancel(self) -> None:
        """Canceled work never counts as missed."""
        call = partial(s.cancel, self.row, comment="It cleared", by=self.staff)
        self.take(self.model.is_open, call, partial(self.model.end, "canceled"), step="given up")

    @action(lambda self: len(self.model.steps) > 4 or self.model.late_day, says_why=st.booleans())
    def give_up(self, says_why: bool = True) -> None:
        """What is late now counts as missed, and asks why where no reason counts."""
        model, on = self.model, None if self.model.outcome else self.model.late_day
        lacks_why = bool(on and not model.counts_reason and not model.explained(on))

        def change() -> None:
            if on:
                days = business_days(model.judging, on)
                model.outcome, model.first_target = (model.judging, on, days), model.target
                model.outcome_in_vain = model.in_vain
                model.given |= {(model.partner, model.cycle, on)} if lacks_why else set()
                model.ended_late = True
            model.end("could-not-complete")

        delay = s.Delay(DelayReason.WEATHER) if says_why else s.Delay()
        call = partial(
            s.could_not_complete,
            self.row,
            reason=CouldNotCompleteReason.OBSTRUCTION,
            note="A car",
            delay=delay,
            by=self.partner,
        )
        self.take(model.is_open and (says_why or not lacks_why), call, change, step="given up")

    @action(lambda self: self.model.status == "could-not-complete")
    def follow_on(self) -> None:
        model = self.model
        known = {"partner": self.partner.partner, "assigned_on": model.today, "by": self.staff}
        call = partial(s.issue_follow_on, self.row, f"{self.row.number}-F", **known)
        possible = model.status == "could-not-complete" and not model.has_follow_on
        self.take(possible, call, partial(setattr, model, "has_follow_on", True))

    @action(lambda self: self.model.undoable)
    def undo(self) -> None:
        model = self.model
        self.take(
            model.undoable,
            partial(s.undo_last_step, self.row, note="A mistake", by=self.staff),
            model.undo,
        )

    # --- Beside the way
    @action(level=st.sampled_from(sorted(LEVELS)))
    def change_entitlement(self, level: str) -> None:
        model, entitlement = self.model, make_entitlement(level, *LEVELS[level])
        call = partial(s.update_work_order, self.row, {"entitlement": entitlement}, by=self.staff)
        self.take(True, call, partial(setattr, model, "level", level), writes=level != model.level)

    def cancel_from_an_old_page(self) -> None:
        """Someone else was faster: their steps matter, their ticks and calls do not."""
        seen = self.row.ledger.exclude(event__in=HARMLESS).latest("pk").version - 1
        self.take(
            False, partial(s.cancel, self.row, comment="It cleared", by=self.staff, version=seen)
        )

    def try_the_poc(self) -> None:
        call = partial(
            s.log_contact, self.row, channel=Channel.CALL, reached=False, by=self.partner
        )
        self.take(self.model.is_open, call)
