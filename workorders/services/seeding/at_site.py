"""What is done at the site in a story: visits, and line items ticked there."""

import datetime as dt

from workorders.models.ledger import Event
from workorders.services.seeding.story import Story
from workorders.services.visits.check_in import begin, told
from workorders.services.visits.line_items import in_words
from workorders.states import VisitOutcome


def visit(
    story: Story, on: dt.date, outcome: VisitOutcome = VisitOutcome.DONE, note: str = ""
) -> None:
    """Begun and ended that day; where the work is done, with every line item ticked."""
    by = story.cast.dispatcher
    with story.step(on, by) as write:
        row = begin(write, write.now, by)
        story.visits.append(row)
        write.follow_visits()
        write.log(Event.VISIT_BEGAN, appointment=row.appointment)
    if outcome == VisitOutcome.DONE:
        _tick(story, on)
    with story.step(on, by) as write:
        row.ended_at, row.outcome, row.note = write.now, outcome, note
        write.log(Event.VISIT_ENDED, note=told(row))


def _tick(story: Story, on: dt.date) -> None:
    for item in story.line_items:
        with story.step(on, story.cast.dispatcher) as write:
            item.done_at, item.done_by = write.now, story.cast.dispatcher
            if item.serial_required:
                item.serial = f"{story.task.parts[0][0]}-{write.now:%m%d%H%M}"
            write.log(
                Event.LINE_ITEM_DONE,
                note=in_words("", item.serial),
                changes={"line_item": [None, str(item)]},
            )
