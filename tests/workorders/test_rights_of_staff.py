"""Staff act by Django's permissions, and by nothing else, on both sides of the portal."""

import datetime as dt
import io

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from portal.people.models import User
from portal.people.roles import Right
from tests.factories import (
    fresh,
    make_accepted,
    make_entitlement,
    make_rita,
    make_site,
    make_territory,
    make_work_order,
    with_rights,
)
from tests.workorders.services.test_reviewing import book_late
from workorders import services
from workorders.models import Notification, ServiceTerritory, WorkOrder
from workorders.models.notifications import Kind
from workorders.services import NotAllowed
from workorders.services.calendars.entitlements import save_entitlement
from workorders.services.calendars.proposals import CalendarChange, propose, save_territory
from workorders.services.importing import (
    import_certifications,
    import_shipments,
    import_work_orders,
)
from workorders.services.places import save_place

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def again(user: User) -> User:
    """As with the next request."""
    return User.objects.get(pk=user.pk)


def test_rights_are_a_persons_own_and_those_of_the_groups(rita):
    group = Group.objects.create(name="Reviewers")
    group.permissions.add(Permission.objects.get(codename="view_missedslareason"))
    rita.groups.add(group)
    with_rights(rita, Right.READ)
    found = [right for right in Right if again(rita).may(right)]
    assert found == [Right.READ, Right.READ_REASONS]


def test_who_may_change_may_look(rita):
    with_rights(rita, Right.ACT)
    assert again(rita).may(Right.READ)
    assert list(User.objects.staff_with(Right.READ)) == [rita]


def test_a_superuser_has_every_right_and_a_partners_person_none(admin_user, dana):
    dana.user_permissions.set(Permission.objects.all())
    assert [right for right in Right if not admin_user.may(right)] == []
    assert [right for right in Right if again(dana).may(right)] == []
    assert list(User.objects.staff_with(Right.ACT)) == [admin_user]


def test_rights_are_read_once_for_a_request(rita, django_assert_num_queries):
    person = again(rita)
    with django_assert_num_queries(1):
        assert not any(person.may(right) for right in Right)


@pytest.mark.parametrize("rights", [[], [Right.READ]])
def test_services_refuse_staff_without_the_right(dana, rights):
    rita, site, territory = make_rita(*rights), make_site(), make_territory()
    for refused in (
        lambda: save_place(site, by=rita),
        lambda: save_entitlement(make_entitlement(), by=rita),
        lambda: save_territory(territory, by=rita),
        lambda: save_territory(ServiceTerritory(name="X", country="US"), by=rita),
        lambda: propose(territory, CalendarChange(last=dt.date(2030, 12, 31)), by=rita),
        lambda: import_work_orders(io.BytesIO(), by=rita),
        lambda: import_shipments(io.BytesIO(), by=rita),
        lambda: import_certifications(io.BytesIO(), by=rita),
    ):
        with pytest.raises(NotAllowed):
            refused()


def test_whoever_keeps_sites_moves_their_appointments_without_a_right_to_the_work(dana, clock):
    row = make_accepted(dana, parts_required=False)
    booking = services.Booking(
        dt.datetime(2026, 3, 3, 18, tzinfo=dt.UTC), "Robin", contact_phone="+1 415 555 0111"
    )
    services.book_appointment(row, booking, by=dana)
    site = row.site
    site.time_zone = "America/Denver"
    keeper = make_rita("workorders.change_site")
    save_place(site, by=keeper)
    after = fresh(row)
    assert after.appointment.at.astimezone(site.zone).hour == 10
    assert after.ledger.last().actor == keeper


def test_staff_without_the_right_see_nothing_and_are_told_nothing(rita, staff, dana):
    row = make_accepted(dana, parts_required=False)
    services.comment(row, body="Which gate?", by=dana)
    notifications = Notification.objects.filter(kind=Kind.PARTNER_MESSAGE)
    assert [notification.user for notification in notifications] == [staff]
    assert [list(WorkOrder.objects.visible_to(user)) for user in (rita, staff)] == [[], [row]]


def test_what_waits_for_staff_who_lost_the_right_is_not_mailed(staff, dana):
    row = make_accepted(dana, parts_required=False)
    services.comment(row, body="Which gate?", by=dana)
    theirs = Notification.objects.filter(user=staff)
    assert (theirs.worth_mailing().count(), theirs.visible_to(again(staff)).count()) == (1, 1)
    staff.user_permissions.clear()
    assert (theirs.worth_mailing().count(), theirs.visible_to(again(staff)).count()) == (0, 0)


def test_who_enters_work_orders_need_not_read_them(client_of, dana):
    browser = client_of(make_rita(Right.ENTER, "workorders.view_site", "workorders.view_station"))
    like = make_work_order(partner=dana.partner)
    values = {
        "number": "WO-7",
        "case_number": "00000007",
        "subject": "Replace the cable",
        "work_type": "repair",
        "partner": dana.partner_id,
        "site": like.site_id,
        "station": like.station_id,
        "territory": like.territory_id,
        "entitlement": like.entitlement_id,
        "assigned_on": like.assigned_on,
        "confirmed": "",
    }
    asked = browser.post("/admin/workorders/workorder/add/", values)
    values["confirmed"] = asked.context["adminform"].form["confirmed"].value()
    answer = browser.post("/admin/workorders/workorder/add/", values)
    assert (answer.status_code, answer.headers.get("Location")) == (302, "/admin/")


def test_who_reviews_reasons_need_not_read_work_orders(client_of, clock, dana):
    reason = book_late(make_accepted(dana, parts_required=False), dana)
    reviewer = make_rita(Right.REVIEW)
    page = reverse("admin:workorders_missedslareason_change", args=[reason.pk])
    browser = client_of(reviewer)
    assert browser.get(page).status_code == 200
    assert browser.post(page, {"kind": "excused", "note": "", "seen": "0"}).status_code == 302
    assert reason.verdicts.get().by == reviewer
    assert browser.get(reverse("work-order", args=[reason.work_order.number])).status_code == 403
    with pytest.raises(NotAllowed):
        services.comment(reason.work_order, body="No", by=again(reviewer))


def test_staff_who_only_look_find_no_form_to_write(client_of, dana):
    row = make_accepted(dana, parts_required=False)
    browser = client_of(make_rita(Right.READ))
    for page in ("", "related/", "collaborate/", "rma-fso/", "history/"):
        answer = browser.get(f"/work-orders/{row.number}/{page}")
        assert answer.status_code == 200
        posting = answer.content.decode().split("<main")[1].count('method="post"')
        assert (page, posting) == (page, 0)
