"""The rows of a page of the list, each with what the reader is told of it."""

import functools
from typing import Any

from django.db.models import DateTimeField
from django.utils import timezone

from portal.people.models import User
from portal.people.readers import any_reader, given_of
from portal.prepared import Given, GivenKeys, Prepared
from workorders.history.visibility import has_unread
from workorders.models import WorkOrder
from workorders.models.queries import WorkOrderQuerySet


def rows_of_page(keys: Any, sort: str, reader: User) -> list[WorkOrder]:
    """The rows of `keys_of_page(sort, ...)` with `has_unread` and `visit_outcome_missing`.

    Whoever asks has made the query of work orders that the reader may see.
    """
    given = {"keys": keys, "now": timezone.now()} | given_of(reader)
    return _rows(reader.role, sort).rows(**given)


@functools.cache
def _rows(role: str, sort: str) -> Prepared[WorkOrder]:
    def rows() -> WorkOrderQuerySet:
        now, reader = Given("now", DateTimeField()), any_reader(role)
        found: WorkOrderQuerySet = WorkOrder.objects.with_keys(GivenKeys("keys"), sort)
        return found.with_visit_outcome_missing(now).annotate(has_unread=has_unread(reader))

    return Prepared(WorkOrder, rows)
