"""Partners and people in the admin."""

import pytest
from django.contrib.auth.models import Group, Permission

from portal.outbox.models import Message
from portal.people.models import Partner, User
from portal.people.roles import Role
from tests.factories import make_rita, make_user
from tests.pages import html_of, mismatches

pytestmark = pytest.mark.once

ADD, LIST = "/admin/people/user/add/", "/admin/people/user/"


@pytest.fixture
def coordinator(staff):
    permissions = Permission.objects.filter(content_type__app_label="people").exclude(
        codename__startswith="delete"
    )
    staff.user_permissions.set(permissions)
    return User.objects.get(pk=staff.pk)


def filled(belongs: Partner | None, **fields) -> dict:
    person = {"email": "nina@voltfix.example", "name": "Nina Okafor", "role": "technician"}
    return person | {"partner": belongs.pk if belongs else ""} | fields


def test_adding_a_person_sends_the_invitation(client_of, coordinator, voltfix):
    response = client_of(coordinator).post(ADD, filled(voltfix, email="Nina@voltfix.example"))
    assert (response.status_code, response.url) == (302, LIST)
    assert [message.to for message in Message.objects.all()] == ["nina@voltfix.example"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"email": "nina@gmail.example"}, "Addresses of VoltFix must end with @voltfix.example."),
        ({"partner": ""}, "A partner&#39;s user needs a partner; staff have none."),
        ({"role": "staff"}, "Select a valid choice"),
        ({"email": "dana@voltfix.example"}, "already exists"),
        ({"name": ""}, "This field is required."),
    ],
)
def test_adding_a_person_says_what_is_wrong(client_of, coordinator, dana, voltfix, wrong, said):
    response = client_of(coordinator).post(ADD, filled(voltfix, **wrong))
    assert (response.status_code, mismatches(response, said)) == (200, [])
    assert Message.objects.count() == 0


def test_a_person_can_be_deactivated_and_not_deleted(client_of, admin_user, dana):
    browser = client_of(admin_user)
    page = f"{LIST}{dana.pk}/change/"
    assert (
        browser.post(page, filled(dana.partner, email=dana.email, name="Dana")).status_code == 302
    )
    dana.refresh_from_db()
    assert (dana.is_active, dana.name) == (False, "Dana")
    assert browser.post(f"{LIST}{dana.pk}/delete/", {"post": "yes"}).status_code == 403
    browser.post(LIST, {"action": "delete_selected", "_selected_action": [dana.pk], "post": "yes"})
    assert User.objects.filter(pk=dana.pk).count() == 1


def test_no_page_shows_a_password_or_changes_one(client_of, admin_user, dana):
    browser = client_of(admin_user)
    page = html_of(browser.get(f"{LIST}{dana.pk}/change/"))
    assert dana.password not in page
    assert 'name="password"' not in page
    assert browser.get(f"{LIST}{dana.pk}/password/").status_code in (302, 404)
    before = dana.password
    browser.post(
        f"{LIST}{dana.pk}/change/",
        filled(dana.partner, email=dana.email, is_active="on", password="x"),
    )
    dana.refresh_from_db()
    assert dana.password == before


def test_staff_cannot_make_themselves_more_than_they_are(client_of, coordinator, admin_user, dana):
    browser = client_of(coordinator)
    assert (
        browser.post(
            f"{LIST}{admin_user.pk}/change/", filled(None, email="mine@x.example")
        ).status_code
        == 403
    )
    assert (
        browser.post(f"{LIST}{coordinator.pk}/change/", {"is_superuser": "on"}).status_code == 403
    )
    page = f"{LIST}{dana.pk}/change/"
    assert 'name="is_superuser"' not in html_of(browser.get(page))
    data = filled(
        dana.partner,
        email=dana.email,
        name="Dana",
        is_active="on",
        is_superuser="on",
        role="dispatcher",
    )
    assert browser.post(page, data).status_code == 302
    dana.refresh_from_db()
    assert (dana.is_superuser, dana.role) == (False, Role.DISPATCHER)


def test_staff_without_the_permission_see_no_people(client_of, dana):
    browser = client_of(make_rita("workorders.view_workorder"))
    for page in (LIST, ADD, f"{LIST}{dana.pk}/change/"):
        assert browser.get(page).status_code == 403


def test_resend_invitation_tells_what_it_did(client_of, coordinator, voltfix, dana):
    new = make_user("nina@voltfix.example", Role.TECHNICIAN, partner=voltfix)
    User.objects.filter(pk=new.pk).update(password="!never-chosen")
    action = {"action": "resend_invitation", "_selected_action": [dana.pk, new.pk]}
    page = html_of(client_of(coordinator).post(LIST, action, follow=True))
    assert "An invitation is on its way to nina@voltfix.example." in page
    assert "Dana already has a password" in page
    assert [message.to for message in Message.objects.all()] == ["nina@voltfix.example"]


def test_the_domain_of_a_partner_is_kept_in_one_form(client_of, admin_user):
    data = {"name": "Third", "email_domain": " @Third.Example "}
    assert client_of(admin_user).post("/admin/people/partner/add/", data).status_code == 302
    assert Partner.objects.get(name="Third").email_domain == "third.example"


@pytest.mark.parametrize("extra", [0, 2])
def test_list_costs_the_same_for_one_and_three(
    client_of, admin_user, voltfix, extra, django_assert_num_queries
):
    for n in range(extra):
        make_user(f"p{n}@voltfix.example", partner=voltfix)
    browser = client_of(admin_user)
    with django_assert_num_queries(5):
        assert browser.get(LIST).status_code == 200


def test_staff_who_may_do_nothing_yet_are_named(client_of, admin_user):
    browser = client_of(admin_user)
    warning = "Nina Okafor cannot do anything yet: choose a group"
    added = browser.post(ADD, filled(None, role="staff", name="Nina Okafor"), follow=True)
    assert mismatches(added, warning) == []
    person = User.objects.get(name="Nina Okafor")
    group = Group.objects.create(name="Readers")
    group.permissions.add(Permission.objects.get(codename="view_workorder"))
    values = filled(None, role="staff", name="Nina Okafor", is_active="on", groups=[group.pk])
    changed = browser.post(f"{LIST}{person.pk}/change/", values, follow=True)
    assert mismatches(changed, "changed successfully", without=[warning]) == []
