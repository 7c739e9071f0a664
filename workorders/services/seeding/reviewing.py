"""Staff's verdict on the last reason for delay in a story."""

import datetime as dt

from workorders.models import Verdict
from workorders.models.ledger import Event
from workorders.services.reviewing import verdict_text
from workorders.services.seeding.story import Story
from workorders.states import VerdictKind


def review_reason(story: Story, on: dt.date, kind: VerdictKind, note: str = "") -> None:
    with story.step(on, story.cast.staff) as work:
        verdict = Verdict(
            missed_sla=story.reasons[-1], kind=kind, note=note, by=story.cast.staff, at=work.now
        )
        story.verdicts.append(verdict)
        verdict.missed_sla.is_unreviewed = False
        work.log(Event.REASON_REVIEWED, changes={"verdict": ["", kind]}, note=verdict_text(verdict))
