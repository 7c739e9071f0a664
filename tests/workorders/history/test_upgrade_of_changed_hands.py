"""Work that changed hands before the portal took off it what the earlier partner had entered."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from tests.factories import fresh
from tests.workorders.history.test_changing_hands import (  # noqa: F401
    DEPOT,
    acceptance_undone,
    given,
    running_clock,
)
from workorders import services
from workorders.models import LineItem, PastAssignment, WorkOrder


def as_it_was_before(row: WorkOrder) -> PastAssignment:
    """With the earlier partner's things on it, all but the requirements."""
    past = row.past_assignments.get()
    fields = past.entered["fields"] | {"partner_notes": "", "second_poc_is_partners": False}
    WorkOrder.objects.filter(pk=row.pk).update(**fields, search_text="wo 1 kestrel poc")
    for kept in past.entered["line_items"]:
        items = LineItem.objects.filter(work_order=row, description=kept["description"])
        items.update(**{name: value for name, value in kept.items() if name != "description"})
    past.delete()
    return past


def upgrade() -> None:
    migration = import_module("workorders.migrations.0024_past_assignments")
    migration.fill(apps, SimpleNamespace(connection=SimpleNamespace(alias=connection.alias)))


@pytest.mark.parametrize("parts", [True, False])
def test_upgrade_takes_it_off(parts, omar, dana, staff):
    row = given(acceptance_undone, parts, omar, dana.partner, staff)
    before = as_it_was_before(row)
    assert fresh(row).second_poc_name == "Kestrel Poc"
    upgrade()
    after = fresh(row)
    past = after.past_assignments.get()
    known = [fact for fact in before.facts if fact[0] != "Partner’s requirements"]
    assert (past.partner, past.until, past.facts) == (omar.partner, row.partner_since, known)
    assert (after.second_poc_name, after.ship_to, after.search_text) == ("", None, "wo 1")
    assert not after.line_items.exclude(done_at=None).exists()


def test_upgrade_knows_whose_a_second_poc_is(omar, dana, staff):
    theirs = given(acceptance_undone, False, omar, dana.partner, staff)
    services.add_second_poc(theirs, services.POC("Dana’s", "+1 212 555 0100"), by=dana)
    WorkOrder.objects.update(second_poc_is_partners=False)
    PastAssignment.objects.all().delete()
    upgrade()
    assert fresh(theirs).second_poc_name == "Dana’s"
    assert fresh(theirs).second_poc_is_partners
