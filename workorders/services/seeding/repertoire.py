"""The stories of the demo data, in the order in which it shows them."""

from collections.abc import Callable
from typing import NamedTuple

from workorders.services.seeding import endings, scenarios
from workorders.services.seeding.scenarios import Props
from workorders.services.seeding.story import Story


class Scenario(NamedTuple):
    play: Callable[[Story, Props], None]
    entitlement: str
    parts: bool = True
    weight: int = 1  # how often it happens after the first round, in which each happens once


ASSURE, THREE_DAYS, WARRANTY = "Assure", "Assure 3-Day", "Parts Warranty"
SCENARIOS = [
    Scenario(scenarios.booked_in_time, ASSURE, weight=3),
    Scenario(scenarios.due_today, ASSURE),
    Scenario(scenarios.late_and_urgent, ASSURE),
    Scenario(scenarios.new, ASSURE, weight=2),
    Scenario(scenarios.parts_ordered, WARRANTY, weight=2),
    Scenario(scenarios.booked_late, THREE_DAYS),
    Scenario(scenarios.on_the_way_due_tomorrow, ASSURE),
    Scenario(scenarios.reason_missing, ASSURE),
    Scenario(scenarios.no_parts, THREE_DAYS, parts=False, weight=2),
    Scenario(scenarios.parts_are_overdue, WARRANTY),
    Scenario(scenarios.on_hold_clock_stopped, THREE_DAYS),
    Scenario(scenarios.ship_to_received, ASSURE, weight=2),
    Scenario(scenarios.reported_by_partner, THREE_DAYS),
    Scenario(endings.completed_in_time, ASSURE, weight=12),
    Scenario(scenarios.partly_shipped, WARRANTY),
    Scenario(scenarios.assigned_due_today, ASSURE, parts=False),
    Scenario(endings.closed_in_time, ASSURE, weight=70),
    Scenario(endings.could_not_complete, THREE_DAYS, weight=5),
    Scenario(endings.canceled, ASSURE, weight=5),
    Scenario(endings.completed_late, THREE_DAYS, weight=5),
    Scenario(scenarios.waiting_for_acceptance, WARRANTY, parts=False),
    Scenario(scenarios.judged_by_the_later_target, ASSURE),
    Scenario(scenarios.booked_for_today, THREE_DAYS),
    Scenario(scenarios.assigned_and_late, ASSURE, parts=False),
    Scenario(scenarios.pick_up_planned, WARRANTY),
    Scenario(scenarios.replacement_under_way, ASSURE),
    Scenario(scenarios.resumed, THREE_DAYS, parts=False),
    Scenario(endings.closed_late, WARRANTY, weight=35),
    Scenario(scenarios.parts_are_overdue_and_booked_late, WARRANTY),
    Scenario(scenarios.on_hold, ASSURE),
    Scenario(scenarios.on_the_way, THREE_DAYS, weight=2),
    Scenario(scenarios.no_parts_due_tomorrow, THREE_DAYS, parts=False),
    Scenario(scenarios.sent_back, WARRANTY, parts=False),
    Scenario(endings.closed_without_parts, THREE_DAYS, parts=False, weight=120),
    Scenario(endings.declined, ASSURE, weight=4),
    Scenario(scenarios.booked_time_passed, ASSURE),
]
