"""How an action is taken: by its service, on the partner's page, on staff's page."""

from collections.abc import Callable
from typing import Any, NamedTuple

from portal.people.models import User
from workorders.models import WorkOrder
from workorders.states import Verb


def nothing(row: WorkOrder, by: User) -> None:
    """It can be taken as it is."""


def owed(row: WorkOrder) -> str:
    return "RMA-2" if row.shipments.filter(number="RMA-2").exists() else f"{row.number}-R"


class Action(NamedTuple):
    """How one is taken: by its service; on the partner's page of that URL name or on staff's of
    that name.
    """

    verb: Verb
    take: Callable[[WorkOrder, User], object]
    data: Callable[[WorkOrder], dict[str, Any]] = (
        lambda row: {}
    )  # what the form of either page sends
    page: str = ""
    staff_page: str = ""
    args: Callable[[WorkOrder], list[Any]] = (
        lambda row: []
    )  # what the address names besides the work order
    first: Callable[[WorkOrder, User], None] = nothing
