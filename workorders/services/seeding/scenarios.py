"""Stories of work that is still open.

`near` is the business day of the Target SLA, counted from today (0 is today, or the next business
day).
"""

import datetime as dt
from typing import NamedTuple

from workorders.models import CarrierService, Shipment
from workorders.services.seeding.at_site import visit
from workorders.services.seeding.booking import book
from workorders.services.seeding.names import MARKS
from workorders.services.seeding.returns import replace, report
from workorders.services.seeding.reviewing import review_reason
from workorders.services.seeding.story import ONE_DAY, RETURN, Story
from workorders.services.seeding.texts import ANSWER, PARTNER_NOTE, QUESTION, URGENT
from workorders.states import (
    Cause,
    DelayReason,
    PartProblem,
    ShipmentKind,
    ShipmentStatus,
    VerdictKind,
    VisitOutcome,
)

SHIPPED = ShipmentStatus.SHIPPED


class Props(NamedTuple):
    """What a scenario can use besides the story."""

    service: CarrierService
    ago: int


def tracking(story: Story) -> str:
    return f"{story.random.randrange(10**3, 10**4)}{MARKS.digits}"


def accepted(story: Story, day: dt.date) -> None:
    """Enter the work, and accept it the day before."""
    story.enter(day - 2 * ONE_DAY)
    story.accept(day - ONE_DAY)


def _ordered(story: Story, day: dt.date) -> None:
    accepted(story, day - ONE_DAY)
    story.order_parts(day)


def _on_the_way(story: Story, props: Props, near: int) -> Shipment:
    """Ship parts with the carrier's own date, so that the target is `near`."""
    edd = story.start_for(story.business_day(near))
    pick_up = story.before(min(edd, story.today), 2)
    _ordered(story, pick_up - ONE_DAY)
    return story.add_shipment(
        pick_up,
        props.service,
        status=SHIPPED,
        tracking_number=tracking(story),
        pick_up_on=pick_up,
        estimated_delivery_on=edd,
    )


def delivered(story: Story, props: Props, near: int) -> Shipment:
    shipment = _on_the_way(story, props, near)
    story.deliver(shipment, story.start_for(story.business_day(near)))
    return shipment


def begun(story: Story, near: int) -> None:
    """Enter work without parts, accepted on the day it is assigned."""
    start = story.start_for(story.business_day(near))
    story.enter(start)
    story.accept(start)


# --- Assigned


def new(story: Story, props: Props) -> None:
    story.enter(story.today - ONE_DAY)


def assigned_due_today(story: Story, props: Props) -> None:
    story.enter(story.start_for(story.business_day(0)))


def assigned_and_late(story: Story, props: Props) -> None:
    story.enter(story.start_for(story.business_day(-3)))


def waiting_for_acceptance(story: Story, props: Props) -> None:
    story.enter(story.today - 2 * ONE_DAY)
    story.add_comment(story.today - ONE_DAY, story.cast.dispatcher, QUESTION)


# --- Parts


def ship_to_received(story: Story, props: Props) -> None:
    accepted(story, story.today - ONE_DAY)
    story.note(story.today - ONE_DAY, PARTNER_NOTE)


def parts_ordered(story: Story, props: Props) -> None:
    """Waiting for the delivery date of a shipment that does not have one yet."""
    _ordered(story, story.today - 2 * ONE_DAY)
    story.add_shipment(story.today - ONE_DAY, props.service)


def pick_up_planned(story: Story, props: Props) -> None:
    """The EDD is computed from the pick-up date."""
    _ordered(story, story.today - 2 * ONE_DAY)
    story.add_shipment(story.today - ONE_DAY, props.service, pick_up_on=story.business_day(1))


def partly_shipped(story: Story, props: Props) -> None:
    _on_the_way(story, props, 4)
    story.add_shipment(story.today - ONE_DAY, props.service)
    news = "The first parcel is on its way; the rest follows this week."
    story.add_comment(story.today - ONE_DAY, story.cast.staff, news)


def on_the_way(story: Story, props: Props) -> None:
    _on_the_way(story, props, 6)


def on_the_way_due_tomorrow(story: Story, props: Props) -> None:
    _on_the_way(story, props, 1)


def booked_in_time(story: Story, props: Props) -> None:
    _on_the_way(story, props, 5)
    book(story, story.today - ONE_DAY, story.business_day(5))


def booked_late(story: Story, props: Props) -> None:
    _on_the_way(story, props, 3)
    reasons = [DelayReason.POC_PREFERENCE, DelayReason.WEATHER, DelayReason.REGULATORY]
    reason = story.random.choice(reasons)
    book(story, story.today - ONE_DAY, story.business_day(6), reason, "Agreed by phone.")
    review_reason(story, story.today - ONE_DAY, VerdictKind.MORE, "With whom, and what was said?")


def parts_are_overdue(story: Story, props: Props) -> None:
    _on_the_way(story, props, -2)


def parts_are_overdue_and_booked_late(story: Story, props: Props) -> None:
    _on_the_way(story, props, -1)
    book(story, story.today - ONE_DAY, story.business_day(2), DelayReason.PART_LATE)


def reason_missing(story: Story, props: Props) -> None:
    """Booked without a target, and found late by the first one."""
    edd = story.start_for(story.business_day(2))
    begin = story.before(min(edd, story.today), 4)
    _ordered(story, begin)
    shipment = story.add_shipment(begin, props.service)
    book(story, begin + ONE_DAY, story.business_day(4))
    story.change_shipment(
        story.today - ONE_DAY,
        shipment,
        status=SHIPPED,
        tracking_number=tracking(story),
        pick_up_on=story.before(story.today, 1),
        estimated_delivery_on=max(edd, story.before(story.today, 1)),
    )


def judged_by_the_later_target(story: Story, props: Props) -> None:
    """In time when booked; then the Estimated Delivery Date moved to an earlier day."""
    shipment = _on_the_way(story, props, 6)
    book(story, story.today - ONE_DAY, story.business_day(6))
    edd = story.start_for(story.business_day(5))
    story.change_shipment(story.today - ONE_DAY, shipment, estimated_delivery_on=edd)


# --- In Progress


def due_today(story: Story, props: Props) -> None:
    delivered(story, props, 0)


def late_and_urgent(story: Story, props: Props) -> None:
    delivered(story, props, -5)
    story.add_comment(story.before(story.today, 3), story.cast.dispatcher, URGENT, urgent=True)
    answer = "We are asking the account for another contact."
    story.add_comment(story.before(story.today, 2), story.cast.staff, answer)
    due_on, number = story.business_day(3), tracking(story)
    story.add_shipment(
        story.today - ONE_DAY,
        props.service,
        **RETURN,
        return_due_on=due_on,
        tracking_number=number,
    )


def booked_for_today(story: Story, props: Props) -> None:
    delivered(story, props, 1)
    book(story, story.today - ONE_DAY, story.business_day(0))


def booked_time_passed(story: Story, props: Props) -> None:
    """Booked in time, but nobody has said how the visit went."""
    delivered(story, props, -1)
    book(story, story.business_day(-2), story.business_day(-1))


def reported_by_partner(story: Story, props: Props) -> None:
    shipment = _on_the_way(story, props, 2)
    arrived = story.start_for(story.business_day(2))
    received = min(arrived, story.today - ONE_DAY)
    story.report_delivery(shipment, received)
    report(story, received, shipment, PartProblem.MISSING, "It was not in the parcel.")


def no_parts(story: Story, props: Props) -> None:
    begun(story, 2)
    story.add_comment(story.today - ONE_DAY, story.cast.dispatcher, QUESTION)
    story.add_comment(story.today - ONE_DAY, story.cast.staff, ANSWER)


def no_parts_due_tomorrow(story: Story, props: Props) -> None:
    begun(story, 1)
    book(story, story.today - ONE_DAY, story.business_day(1))


def replacement_under_way(story: Story, props: Props) -> None:
    """Parts arrived damaged: the status stays In Progress, only the target moves."""
    shipment = delivered(story, props, -1)
    reported = story.today - ONE_DAY
    visit(story, reported, VisitOutcome.RETURN, "One part has a broken housing.")
    made = report(story, reported, shipment, PartProblem.DAMAGED, "The housing is broken.")
    pick_up = story.business_day(0)
    replace(story, reported, made, props.service, kind=ShipmentKind.RMA, pick_up_on=pick_up)


def sent_back(story: Story, props: Props) -> None:
    begun(story, -6)
    book(story, story.business_day(-8), story.business_day(-6))
    visit(story, story.business_day(-6))
    story.complete(story.business_day(-6))
    story.send_back(story.business_day(-4), "The photo of the closed cabinet is missing.")


# --- On Hold


def on_hold_clock_stopped(story: Story, props: Props) -> None:
    delivered(story, props, 1)
    closed = "The garage is closed for resurfacing."
    story.hold(story.today - ONE_DAY, closed, Cause.ACCESS, stops_clock=True)


def on_hold(story: Story, props: Props) -> None:
    """Due to be resumed."""
    _on_the_way(story, props, 4)
    asked = "The account has asked for a new date."
    story.hold(story.today - ONE_DAY, asked, Cause.POC, stops_clock=False, resume_on=story.today)


def resumed(story: Story, props: Props) -> None:
    """A hold that has ended moved the target."""
    begun(story, -1)
    waiting = "Waiting for the site's permit."
    story.hold(story.business_day(-3), waiting, Cause.ACCESS, stops_clock=True)
    story.resume(story.today - ONE_DAY)
