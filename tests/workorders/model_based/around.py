"""Random steps around a work order: its site's time zone is corrected, its calendar changes."""

from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.factories import make_territory
from tests.workorders.model_based.steps import Steps, action
from tests.workorders.model_based.values import CLOSED, DAY, HOLIDAYS, ZONES, is_business_day
from tests.workorders.services.calendars.calendar_changes import CLOSURE, change_calendar
from workorders.models import DayState, Site
from workorders.services.calendars.recalculating import recalculate
from workorders.services.places import save_place


class Around(Steps):
    @action(zone=st.sampled_from(ZONES))
    def move_place(self, zone: str = ZONES[0]) -> None:
        """Open work says so; ended work keeps its clock without a word."""
        model, site = self.model, Site.objects.get(pk=self.row.site_id)
        moves = ZoneInfo(zone) != model.zone
        site.time_zone = zone
        self.take(
            True,
            lambda: save_place(site, by=self.people["admin"]),
            lambda: model.move_place(ZoneInfo(zone)),
            writes=moves and model.is_open,
        )

    @action(after=st.integers(-5, 14), is_settled_late=st.booleans())
    def change_calendar(self, after: int = 0, is_settled_late: bool = False) -> None:
        """A day is closed, or opened again. What is written before the recalculation follows it."""
        model, day = self.model, self.model.today + after * DAY
        if day in HOLIDAYS or not (is_business_day(day) or day in CLOSED):
            return
        state = DayState() if day in CLOSED else CLOSURE
        before = self.what_follows
        change_calendar(self.people["admin"], territory=make_territory(), days={day: state})
        CLOSED.symmetric_difference_update({day})
        if is_settled_late and model.is_open:
            self.hold_or_resume()
            before = self.what_follows
        recalculate()
        model.settle()
        self.compare(self.version + (before != self.what_follows))

    @property
    def what_follows(self) -> tuple[object, ...]:
        model = self.model
        if not model.is_open:
            return ()
        edds = tuple(each.edd for each in model.shipments.values())
        return model.target, edds
