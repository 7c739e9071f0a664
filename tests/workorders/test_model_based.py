"""Random steps of one work order through the services, each step compared with the plain rules in
`model_based.rules`.
"""

import datetime as dt

import pytest
import time_machine
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, run_state_machine_as_test

from tests.factories import make_carrier_service, make_entitlement, make_work_order
from tests.workorders.model_based.around import Around
from tests.workorders.model_based.ends import Ends
from tests.workorders.model_based.parts import REQUIRED, Parts
from tests.workorders.model_based.rules import Model
from tests.workorders.model_based.steps import action
from tests.workorders.model_based.values import DAY, LEVELS, instant

FEW, MANY = 10, 850  # lives of 30 steps, on each database; many are for `make test-all`
MONDAY = dt.date(2026, 6, 15)
ANY_TIME = [
    *(
        "accept",
        "reassign",
        "order",
        "hold_or_resume",
        "book",
        "tick",
        "untick",
        "complete",
        "send_back",
        "set_target",
    ),
    *(
        "close",
        "follow_on",
        "undo",
        "cancel_from_an_old_page",
        "try_the_poc",
        "accept_as_another_partner",
    ),
]
PROFILE = settings(
    stateful_step_count=30,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # 30 steps can be read; to shrink them takes minutes
)


class WorkOrderMachine(Parts, Ends, Around):
    """All that can be done with a work order, in any order."""

    @initialize(
        level=st.sampled_from(sorted(LEVELS)),
        parts=st.sampled_from([True, True, False]),
        begun=st.sampled_from(["no", "yes", "at work", "done"]),
    )
    def begins(self, level: str, parts: bool, begun: str) -> None:
        self.model = Model(MONDAY, level, parts=parts)
        self.wait_until(MONDAY)
        known = {
            "partner": self.people["VoltFix"].partner,
            "assigned_on": MONDAY,
            "parts_required": parts,
        }
        entitlement = make_entitlement(level, *LEVELS[level])
        self.row = make_work_order(
            **known, entitlement=entitlement, line_items=("Lock out", "Replace")
        )
        self.compare(1)
        if begun != "no":
            self.accept()
        if begun in ("at work", "done") and parts:
            self.enter(REQUIRED[0], "delivered", None)
        if begun == "done":
            self.do_what_is_missing()

    @action(days=st.integers(1, 4))
    def wait(self, days: int) -> None:
        self.wait_until(self.model.today + days * DAY)

    @action(name=st.sampled_from(ANY_TIME))
    def out_of_place(self, name: str) -> None:
        """Mostly what the status does not allow."""
        getattr(self, name)()


@pytest.mark.slow
def test_random_steps_keep_to_the_rules(full_size, dana, omar, staff, admin_user):
    known = settings(PROFILE, max_examples=MANY if full_size else FEW)
    make_carrier_service()
    WorkOrderMachine.people = {
        "VoltFix": dana,
        "Amped Field Services": omar,
        "staff": staff,
        "admin": admin_user,
    }
    with time_machine.travel(instant(MONDAY), tick=False) as WorkOrderMachine.clock:
        run_state_machine_as_test(WorkOrderMachine, settings=known)
