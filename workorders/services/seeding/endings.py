"""Stories of work that has ended, with a target that was due `props.ago` business days ago."""

import datetime as dt

from workorders.services.seeding.at_site import visit
from workorders.services.seeding.booking import book
from workorders.services.seeding.returns import owe_unused, send_old_parts_back
from workorders.services.seeding.reviewing import review_reason
from workorders.services.seeding.scenarios import (
    SHIPPED,
    Props,
    accepted,
    begun,
    delivered,
    tracking,
)
from workorders.services.seeding.story import ONE_DAY, RETURN, Story
from workorders.services.seeding.texts import WITHDRAWN
from workorders.states import CouldNotCompleteReason, DelayReason, VerdictKind, VisitOutcome

REASONS = [DelayReason.TECHNICIAN, DelayReason.UNRESPONSIVE_POC, DelayReason.ON_SITE_REQUIREMENT]


def _visited(story: Story, props: Props, late_by: int = 0) -> dt.date:
    """Deliver the parts, and book a visit in time or late; return the day of the visit."""
    shipment = delivered(story, props, -props.ago)
    target = story.business_day(-props.ago)
    day = story.calendar.add_business_days(target, late_by)
    reason = story.random.choice(REASONS) if late_by else None
    book(story, shipment.delivered_on or target, day, reason)
    return day


def completed_in_time(story: Story, props: Props) -> None:
    day = _visited(story, props)
    visit(story, day)
    send_old_parts_back(story, day, props.service, tracking(story))
    story.complete(day)


def completed_late(story: Story, props: Props) -> None:
    day = _visited(story, props, late_by=2)
    visit(story, day)
    send_old_parts_back(story, day, props.service, tracking(story))
    story.complete(day)


def closed_in_time(story: Story, props: Props) -> None:
    """The old parts go back with a planned pick-up."""
    day = _visited(story, props)
    number = tracking(story)
    back = story.add_shipment(day, props.service, **RETURN, tracking_number=number, pick_up_on=day)
    story.change_shipment(day, back, status=SHIPPED)
    visit(story, day)
    story.complete(day)
    story.close(day + ONE_DAY)


def closed_late(story: Story, props: Props) -> None:
    day = _visited(story, props, late_by=1)
    visit(story, day)
    send_old_parts_back(story, day, props.service, tracking(story))
    story.complete(day)
    if story.reasons[-1].reason == DelayReason.TECHNICIAN:
        review_reason(
            story, day + ONE_DAY, VerdictKind.NOT_EXCUSED, "The day was known a week ahead."
        )
    else:
        review_reason(story, day + ONE_DAY, VerdictKind.EXCUSED)
    story.close(day + ONE_DAY)


def closed_without_parts(story: Story, props: Props) -> None:
    target = story.business_day(-props.ago)
    begun(story, -props.ago)
    book(story, story.start_for(target), target)
    visit(story, target)
    story.complete(target)
    story.close(target + ONE_DAY)


def canceled(story: Story, props: Props) -> None:
    day = story.business_day(-props.ago)
    accepted(story, day)
    story.cancel(day + ONE_DAY, WITHDRAWN)


def could_not_complete(story: Story, props: Props) -> None:
    day = _visited(story, props)
    visit(story, day, VisitOutcome.RETURN, "A ramp blocks the door.")
    story.could_not_complete(
        day,
        CouldNotCompleteReason.OBSTRUCTION,
        "A delivery ramp was built in front of the station.",
    )
    owe_unused(story, day)


def declined(story: Story, props: Props) -> None:
    day = story.business_day(-props.ago)
    story.enter(day)
    story.could_not_complete(
        day + ONE_DAY,
        CouldNotCompleteReason.NO_CAPACITY,
        "No certified technician in this region until next month.",
    )
