"""A form takes what it offers and nothing else: with every column of every table beside it, it
writes the same.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import models, transaction
from django.test import Client

from portal.people.models import LoginSession, Partner, SentForm, User
from tests.factories import fresh, make_admin, make_dana, make_partner, make_tess
from tests.trust.forms import watched_forms
from tests.workorders.any_state import NINE
from tests.workorders.every_action import ACTIONS
from tests.workorders.status_matrix import work_order_in
from tests.workorders.test_any_form_sent_at_once import FORMS
from tests.workorders.test_every_action import of_partner, of_staff
from tests.workorders.test_sent_at_once import ALWAYS, column_of
from workorders.models.waits import Wait

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.no_waits]

OURS = [
    *apps.get_app_config("workorders").get_models(),
    *apps.get_app_config("people").get_models(),
]
READ_BY_VIEWS = {  # of the same name as a column, and offered by a page without a form's field
    "version": "the version that the person saw",
    "key": "which of the files",
}


@pytest.fixture(scope="module")
def people(shared_rows) -> Iterator[dict[str, User]]:
    with time_machine.travel(NINE, tick=False):
        make_partner("Third")
        yield {"dana": make_dana(), "tess": make_tess(), "staff": make_admin()}


def every_column() -> dict[str, Any]:
    """Something else for each column of each table."""
    found = {}
    for model in OURS:
        for field in model._meta.concrete_fields:
            found[field.name] = found[field.attname] = other_value(field)
    return {name: value for name, value in found.items() if name not in READ_BY_VIEWS}


def other_value(field: models.Field[Any, Any]) -> Any:
    if isinstance(field, models.ForeignKey):
        return make_partner("Third").pk if field.related_model is Partner else 1
    if isinstance(field, models.BooleanField):
        return "on"
    if isinstance(field, models.IntegerField | models.AutoField):
        return 7
    if isinstance(field, models.DateTimeField):
        return "2030-01-02T10:00"
    if isinstance(field, models.DateField):
        return "2030-01-02"
    if field.choices:
        return list(field.choices)[-1][0]
    return "other@voltfix.example" if isinstance(field, models.EmailField) else "Something else"


def every_row() -> dict[str, list[tuple[Any, ...]]]:
    """All that is stored, but for what is drawn by lot."""
    found = {}
    for model in OURS:
        if model in (SentForm, LoginSession):
            continue
        kept = [
            f.attname for f in model._meta.concrete_fields if not isinstance(f, models.UUIDField)
        ]
        rows = list(model.objects.order_by("pk").values_list(*kept))
        found[model.__name__] = [tuple("!" if is_unusable(v) else v for v in row) for row in rows]
    found["Wait"].sort(key=str)
    return found


def is_kept(model: type[models.Model], field: models.Field[Any, Any]) -> bool:
    """But the order in which a set of waits was written."""
    return not isinstance(field, models.UUIDField) and not (model is Wait and field.primary_key)


def is_unusable(value: object) -> bool:
    """A password that nobody can give, also drawn by lot."""
    return isinstance(value, str) and value.startswith("!") and len(value) > 40


def written(
    person: User, path: str, data: dict[str, Any], extra: dict[str, Any]
) -> tuple[Any, Any, Any]:
    """The status, the rows after that, and what the forms offered; nothing is kept."""
    browser = Client()
    browser.force_login(person)
    for value in data.values():
        if hasattr(value, "seek"):
            value.seek(0)
    with transaction.atomic(), watched_forms() as offered:
        answer = browser.post(path, extra | data)
        rows = every_row()
        transaction.set_rollback(True)
    return answer.status_code, rows, set(offered)


def surplus(person: User, path: str, data: dict[str, Any]) -> list[str]:
    """Which columns were written because they were sent beside the form's own."""
    status, rows, offered = written(person, path, data, {})
    extra = {name: v for name, v in every_column().items() if name not in offered | data.keys()}
    also, instead, _ = written(person, path, data, extra)
    wrong = [f"{also} instead of {status}"] if also != status else []
    for name in rows:
        if rows[name] != instead[name]:
            changed = [row for row in instead[name] if row not in rows[name]]
            wrong.append(f"{name}: {changed}")
    return wrong


@pytest.mark.parametrize("in_full", [False, pytest.param(True, marks=pytest.mark.nightly)])
def test_an_action_writes_what_its_form_offers_and_no_more(people, figure, in_full):
    dana, tess, staff = people["dana"], people["tess"], people["staff"]
    wrong, count = [], 0
    for name, action in ACTIONS.items():
        if not (in_full or name in ALWAYS):
            continue
        for side, person in (("page", dana), ("step", staff)):
            if not (action.page if side == "page" else action.staff_page):
                continue
            with transaction.atomic():
                row = work_order_in(column_of(name), dana, tess, staff)
                action.first(row, person)
                row = fresh(row)
                path = of_partner(row, action) if side == "page" else of_staff(row, action)
                data = {"version": row.version} | action.data(row)
                wrong += [f"{name} {side}: {each}" for each in surplus(person, path, data)]
                count += 1
                transaction.set_rollback(True)
    assert count >= (44 if in_full else len(ALWAYS))
    figure(f"{count} forms, each with {len(every_column())} columns more: {len(wrong)} written")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=() if n == "person" else pytest.mark.nightly) for n in FORMS],
)
def test_any_other_form_writes_what_it_offers_and_no_more(people, name):
    person, path, data = FORMS[name]()
    assert surplus(person, path, data) == []
