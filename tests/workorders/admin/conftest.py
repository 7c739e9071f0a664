"""Staff whose rights are those of Django's permissions: one who may change work orders, one who may
only look.
"""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from portal.people.models import User
from portal.people.roles import Role
from tests.factories import make_user


@pytest.fixture(autouse=True)
def _now(time_machine) -> None:
    """Monday noon in San Francisco."""
    time_machine.move_to("2026-03-09T20:00:00Z", tick=False)


def allow(user: User, *codenames: str) -> User:
    user.user_permissions.set(
        Permission.objects.filter(
            codename__in=codenames, content_type__app_label__in=["workorders", "outbox"]
        )
    )
    return user


@pytest.fixture
def coordinator(staff) -> User:
    """Staff who enter work orders and take them further."""
    codenames = ["view_workorder", "add_workorder", "change_workorder", "view_missedslareason"]
    return allow(staff, *codenames, "view_site", "view_station", "add_site", "add_station")


@pytest.fixture
def viewer(db) -> User:
    return allow(
        make_user("viewer@chargepoint.example", Role.STAFF),
        "view_workorder",
        "view_missedslareason",
    )


@pytest.fixture
def client(coordinator, client_of) -> Client:
    """The coordinator's browser."""
    return client_of(coordinator)
