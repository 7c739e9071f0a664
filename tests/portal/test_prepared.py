"""A prepared query finds what the queryset that it was made of finds, for each given value."""

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection
from django.db.models import DateField, DateTimeField, F, Q, QuerySet
from django.test.utils import CaptureQueriesContext

from portal.people.models import Partner, User
from portal.people.readers import any_reader, given_of
from portal.prepared import Given, GivenKeys, Prepared
from tests.factories import make_accepted, make_dana, make_work_order
from workorders.models import WorkOrder

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


def prepared(**conditions: Any) -> Prepared[WorkOrder]:
    rows = WorkOrder.objects.with_facts().annotate(twice=F("pk") * 2)
    return Prepared(WorkOrder, lambda: rows.filter(**conditions).order_by("-pk"))


def contents(rows: list[WorkOrder]) -> list[dict[str, Any]]:
    return [{name: value for name, value in vars(row).items() if name != "_state"} for row in rows]


def test_rows_are_those_of_the_queryset_with_related_rows_and_columns(dana):
    for number in ("WO-1", "WO-2"):
        make_accepted(dana, number=number)
    query = prepared(assigned_on=Given("day", DateField()))
    (first,) = {row.assigned_on for row in WorkOrder.objects.all()}
    rows = query.rows(day=first)
    plain = WorkOrder.objects.with_facts().annotate(twice=F("pk") * 2).order_by("-pk")
    assert contents(rows) == contents(list(plain))
    with CaptureQueriesContext(connection) as queries:
        assert [row.site.account.name for row in rows] == [row.site.account.name for row in plain]
    assert len(queries) == 0
    assert query.rows(day=first - dt.timedelta(days=1)) == []
    assert query.rows(day=first) == rows
    assert query.rows(day=first)[0] is not rows[0]


def test_instants_are_given_as_the_database_keeps_them(dana):
    at = dt.datetime(2026, 3, 12, 17, 0, 0, 123456, tzinfo=dt.UTC)
    User.objects.filter(pk=dana.pk).update(last_login=at)
    now = Given("now", DateTimeField())
    query = Prepared(User, lambda: User.objects.filter(last_login__lte=now))
    before = at - dt.timedelta(microseconds=1)
    assert (query.rows(now=at), query.rows(now=before)) == ([dana], [])


def test_a_value_that_is_missing_is_an_error(dana):
    with pytest.raises(KeyError):
        prepared(pk=Given("key", WorkOrder._meta.pk)).rows()


def test_readers_of_a_warm_query_find_their_own_rows_alone(dana, omar, staff):
    """The SQL was built for the first of them."""
    rows = {user: make_work_order(partner=user.partner) for user in (dana, omar)}
    queries: dict[str, Prepared[WorkOrder]] = {}

    def found(user: User) -> list[WorkOrder]:
        if user.role not in queries:
            reader = any_reader(user.role)
            queries[user.role] = Prepared(
                WorkOrder, lambda: WorkOrder.objects.visible_to(reader).order_by("pk")
            )
        return queries[user.role].rows(**given_of(user))

    assert [found(user) for user in (dana, omar, dana)] == [
        [rows[dana]],
        [rows[omar]],
        [rows[dana]],
    ]
    assert found(staff) == [rows[dana], rows[omar]]
    assert len(queries) == 2


def test_threads_share_the_sql_and_nothing_else(real_transactions):
    people = [make_dana()]
    query = Prepared(User, lambda: User.objects.filter(pk=Given("pk", User._meta.pk)))
    found: list[list[User]] = []

    def read() -> None:
        try:
            found.extend(query.rows(pk=people[0].pk) for _ in range(20))
        finally:
            connection.close()

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [people] * 80


def test_the_sql_is_built_once(dana):
    built = []

    def build() -> QuerySet[Partner]:
        built.append(1)
        return Partner.objects.filter(Q(pk=Given("pk", Partner._meta.pk)))

    query = Prepared(Partner, build)
    for _ in range(3):
        assert query.rows(pk=dana.partner_id) == [dana.partner]
    assert len(built) == 1


def test_a_query_is_given_too(dana):
    rows = [make_accepted(dana, number=f"WO-{n}") for n in range(3)]
    query = Prepared(
        WorkOrder, lambda: WorkOrder.objects.filter(pk__in=GivenKeys("keys")).order_by("-pk")
    )
    for number in ("WO-0", "WO-1"):
        keys = WorkOrder.objects.filter(number__gt=number, subject__contains="%s").values("pk")
        assert query.rows(keys=keys) == []
        keys = WorkOrder.objects.filter(number__gt=number).values("pk")
        assert query.rows(keys=keys) == rows[: int(number[-1]) : -1]
    assert query.rows(keys=WorkOrder.objects.none().values("pk")) == []
    assert query.rows(keys=WorkOrder.objects.order_by("number").values("pk")[1:2]) == [rows[1]]
