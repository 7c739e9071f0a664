"""How each action of the table in `status_matrix` is taken."""

from tests.workorders.partners_actions import PARTNERS_ACTIONS
from tests.workorders.staffs_actions import STAFFS_ACTIONS

ACTIONS = PARTNERS_ACTIONS | STAFFS_ACTIONS
