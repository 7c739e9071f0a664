"""Whose work orders a person sees."""

from tests.factories import make_work_order
from workorders.models import WorkOrder


def test_a_partner_sees_its_own_and_staff_see_all(dana, omar, staff):
    mine, theirs = make_work_order(partner=dana.partner), make_work_order(partner=omar.partner)
    assert list(WorkOrder.objects.visible_to(dana)) == [mine]
    assert list(WorkOrder.objects.visible_to(omar)) == [theirs]
    assert list(WorkOrder.objects.visible_to(staff)) == [mine, theirs]


def test_nobody_else_sees_anything(dana, staff):
    make_work_order(partner=dana.partner)
    dana.is_active = staff.is_active = False
    assert [WorkOrder.objects.visible_to(person).count() for person in (dana, staff, None)] == [
        0,
        0,
        0,
    ]
