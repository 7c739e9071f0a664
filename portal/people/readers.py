"""Whom a prepared query reads for: a person whose keys are given when it runs."""

from typing import Any

from django.db.models import BigIntegerField

from portal.people.models import User
from portal.people.roles import Role
from portal.prepared import Given


def any_reader(role: str) -> User:
    """Anyone of this role who may read, for the queryset of a prepared query.

    Its SQL depends on nothing else about a person: use their `pk` and `partner_id` in it, and not
    the person.
    """
    return User(
        pk=Given("reader", BigIntegerField()),
        partner_id=Given("partner", BigIntegerField()),
        is_active=True,
        role=role,
        is_superuser=role == Role.STAFF,
    )


def given_of(reader: User) -> dict[str, Any]:
    """The values of this person."""
    return {"reader": reader.pk, "partner": reader.partner_id}
