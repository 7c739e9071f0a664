"""The lives of demo work orders that have ended, with a target that was due `props.ago` business days ago."""

import datetime as dt

from workorders.services.seeding.scenarios import SHIPPED, Props, accepted, begun, delivered, tracking
from workorders.services.seeding.story import ONE_DAY, RETURN, Story
from workorders.services.seeding.texts import WITHDRAWN
from workorders.states import DelayReason, GiveUpReason, VisitOutcome


def _visited(story: Story, props: Props, late_by: int = 0) -> dt.date:
    """Delivered, booked in time or so many business days late, and visited: the day."""
    shipment = delivered(story, props, -props.ago)
    target = story.business_day(-props.ago)
    visit = story.calendar.add_business_days(target, late_by)
    reasons = [DelayReason.TECHNICIAN, DelayReason.UNRESPONSIVE_POC, DelayReason.ON_SITE_REQUIREMENT]
    story.book(shipment.delivered_on or target, visit, story.random.choice(reasons) if late_by else None)
    return visit


def completed_in_time(story: Story, props: Props) -> None:
    visit = _visited(story, props)
    story.visit(visit)
    story.complete(visit)


def completed_late(story: Story, props: Props) -> None:
    visit = _visited(story, props, late_by=2)
    story.visit(visit)
    story.complete(visit)


def closed_in_time(story: Story, props: Props) -> None:
    """The old parts go back."""
    visit = _visited(story, props)
    service = props.service
    back = story.add_shipment(visit, service, **RETURN, tracking_number=tracking(story), pick_up_on=visit)
    story.change_shipment(visit, back, status=SHIPPED)
    story.visit(visit)
    story.complete(visit)
    story.close(visit + ONE_DAY)


def closed_late(story: Story, props: Props) -> None:
    visit = _visited(story, props, late_by=1)
    story.visit(visit)
    story.complete(visit)
    story.close(visit + ONE_DAY)


def closed_without_parts(story: Story, props: Props) -> None:
    target = story.business_day(-props.ago)
    begun(story, -props.ago)
    story.book(story.start_for(target), target)
    story.visit(target)
    story.complete(target)
    story.close(target + ONE_DAY)


def canceled(story: Story, props: Props) -> None:
    day = story.business_day(-props.ago)
    accepted(story, day)
    story.cancel(day + ONE_DAY, WITHDRAWN)


def could_not_complete(story: Story, props: Props) -> None:
    visit = _visited(story, props)
    story.visit(visit, VisitOutcome.RETURN, "The ramp stands before the door.")
    story.give_up(visit, GiveUpReason.OBSTRUCTION, "A delivery ramp was built in front of the station.")


def declined(story: Story, props: Props) -> None:
    day = story.business_day(-props.ago)
    story.enter(day)
    story.give_up(day + ONE_DAY, GiveUpReason.NO_CAPACITY, "No certified technician in this region until next month.")
