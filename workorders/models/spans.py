"""What holds of a work order, and from when to when by the clock at its site.

A condition that names the time is asked anew for each row at each instant. A span says apart from
it between which columns it holds, so that the two ends can be kept as instants (`Wait`).
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import Q
from django.db.models.lookups import GreaterThanOrEqual, IsNull, LessThan, LessThanOrEqual

from workorders.models.site_today import by_site_date


class Span(NamedTuple):
    """A condition that holds between two times, each an expression over work orders.

    Without any of them it holds whenever the condition does. A row without the day from which a
    span begins is not in it; one without its last day stays.
    """

    condition: Q
    from_instant: Any = None
    from_day: Any = None  # from its beginning
    after_day: Any = None  # from its end
    last_day: Any = None  # to its end

    @property
    def is_timed(self) -> bool:
        return any(each is not None for each in self[1:])

    def at(self, now: dt.datetime) -> Q:
        """Whether it holds at this instant."""
        found = self.condition
        if self.from_instant is not None:
            found &= Q(LessThanOrEqual(self.from_instant, now))
        if (self.from_day, self.after_day, self.last_day) != (None, None, None):
            found &= by_site_date(now, self._on)
        return found

    def _on(self, today: dt.date) -> Q:
        found = Q()
        if self.from_day is not None:
            found &= Q(LessThanOrEqual(self.from_day, today))
        if self.after_day is not None:
            found &= Q(LessThan(self.after_day, today))
        if self.last_day is not None:
            last = self.last_day
            found &= Q(IsNull(last, True)) | Q(GreaterThanOrEqual(last, today))
        return found


def any_at(spans: Sequence[Span], now: dt.datetime) -> Q:
    """Whether one of them holds at this instant."""
    found = spans[0].at(now)
    for span in spans[1:]:
        found |= span.at(now)
    return found
