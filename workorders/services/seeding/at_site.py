"""What happens at the site in a story: visits, with line items ticked."""

import datetime as dt

from workorders.models.ledger import Event, LedgerChanges
from workorders.services.seeding.story import Story
from workorders.services.visits.check_in import begin, visit_summary
from workorders.services.visits.line_items import note_in_words
from workorders.states import VisitOutcome


def visit(
    story: Story, on: dt.date, outcome: VisitOutcome = VisitOutcome.DONE, note: str = ""
) -> None:
    """Begin and end a visit on that day; if the work is done, tick every line item."""
    by = story.cast.dispatcher
    with story.step(on, by) as work:
        row = begin(work, work.now, by)
        story.visits.append(row)
        work.follow_visits()
        work.log(Event.VISIT_BEGAN, appointment=row.appointment)
    if outcome == VisitOutcome.DONE:
        _tick(story, on)
    with story.step(on, by) as work:
        row.ended_at, row.outcome, row.note = work.now, outcome, note
        work.follow_visits()
        work.log(Event.VISIT_ENDED, note=visit_summary(row))


def _tick(story: Story, on: dt.date) -> None:
    for item in story.line_items:
        with story.step(on, story.cast.dispatcher) as work:
            item.done_at, item.done_by = work.now, story.cast.dispatcher
            if item.serial_required:
                item.serial = f"{story.task.parts[0][0]}-{work.now:%m%d%H%M}"
            changes: LedgerChanges = {"line_item": [None, str(item)]}
            work.log(Event.LINE_ITEM_DONE, note=note_in_words("", item.serial), changes=changes)
