"""Writes go through services, and rows of a partner through `visible_to`: asked of the
code itself.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import ForeignKey

from portal.people.models import User
from tests import ROOT
from workorders.models import WorkOrder

pytestmark = pytest.mark.once

WRITES = {"create", "get_or_create", "update_or_create", "bulk_create", "bulk_update"}
WRITES |= {f"a{name}" for name in WRITES} | {"asave", "adelete", "aupdate", "_raw_delete"}
WRITES |= {"execute", "executemany"}  # of a cursor
BARE = {"save", "delete"}  # of rows; with positional arguments they are something else's
ADMINS = {"save_model", "save_formset", "save_related", "delete_model", "delete_queryset"}
MANAGERS = {"objects", "_default_manager", "_base_manager"}
SHORTCUTS = {"get_object_or_404", "get_list_or_404"}
SCOPES = {"visible_to", "technicians"}
READS = {"all", "filter", "exclude", "get", "count", "exists", "values", "order_by", "first"}

WRITERS = [
    "workorders/services",
    "portal/people/services.py",
    "portal/people/factors.py",
    "portal/outbox/services.py",
]
NO_WRITES = [
    "workorders/views", "workorders/admin", "workorders/tasks.py", "workorders/templatetags",
    "portal/people/views.py", "portal/people/security.py", "portal/people/admin.py",
    "portal/outbox/admin.py", "portal/outbox/tasks.py",
]  # fmt: skip
SCOPED_READS = ["workorders/views", "workorders/forms", "workorders/templatetags"]
# Services and the admin read rows of every partner: they ask for permission themselves, and the
# admin is for staff alone.


def modules(rooms: list[str]) -> list[Path]:
    return [
        path
        for room in rooms
        for path in sorted((ROOT / room).rglob("*.py") if (ROOT / room).is_dir() else [ROOT / room])
    ]


def of_a_partner() -> set[str]:
    """Work orders, all that hangs on one, and people, by the names of their models."""
    models = {WorkOrder}
    while (
        more := {
            model
            for model in apps.get_models()
            for field in model._meta.get_fields()
            if isinstance(field, ForeignKey) and field.related_model in models
        }
        - models
    ):
        models |= more
    return {model.__name__ for model in models | {User}}


def writes(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        name, named_only = node.func.attr, not node.args
        is_update = name == "update" and named_only and node.keywords
        is_bare = name in BARE and named_only
        is_admins = name in ADMINS and ast.unparse(node.func.value) == "super()"
        if name in WRITES or is_update or is_bare or is_admins:
            yield ast.unparse(node)


def accessors() -> set[str]:
    """The names by which rows of a partner are reached from what belongs to none or to all, such as
    a site or the partner itself.
    """
    names = of_a_partner()
    return {
        relation.get_accessor_name()
        for model in apps.get_models()
        if model.__name__ not in names
        for relation in model._meta.related_objects
        if relation.related_model.__name__ in names and relation.get_accessor_name()
    } - {"appointment"}


def unscoped(source: str, models: set[str]) -> Iterator[str]:
    beyond = accessors()
    tree = ast.parse(source)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in SHORTCUTS:
            if node.args and ast.unparse(node.args[0]) in models:
                yield ast.unparse(node)
        elif isinstance(node, ast.Attribute) and node.attr in MANAGERS:
            if ast.unparse(node.value).rpartition(".")[2] not in models:
                continue
            names, end = chain(node, parents)
            if not SCOPES & names and not is_prefetched(parents.get(end)):
                yield ast.unparse(end)
        elif isinstance(node, ast.Attribute) and node.attr in beyond:
            names, end = chain(node, parents)
            if READS & names and not SCOPES & names:
                yield ast.unparse(end)


def chain(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> tuple[set[str], ast.AST]:
    """The methods called one after the other on a manager, and the whole expression."""
    names = set()
    while isinstance(parent := parents.get(node), ast.Attribute | ast.Call):
        if isinstance(parent, ast.Call) and parent.func is not node:
            break
        if isinstance(parent, ast.Attribute):
            names.add(parent.attr)
        node = parent
    return names, node


def is_prefetched(node: ast.AST | None) -> bool:
    """Children through their parent."""
    return isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Prefetch")


@pytest.mark.parametrize("path", modules(NO_WRITES), ids=lambda path: str(path.relative_to(ROOT)))
def test_writes_go_through_services(path):
    assert list(writes(path.read_text())) == []


@pytest.mark.parametrize(
    "path", modules(SCOPED_READS), ids=lambda path: str(path.relative_to(ROOT))
)
def test_rows_of_a_partner_are_read_through_visible_to(path):
    assert list(unscoped(path.read_text(), of_a_partner())) == []


def test_services_do_write():
    written = [call for path in modules(WRITERS) for call in writes(path.read_text())]
    assert len(written) > 50


ADDED = ("Shipment", "Hold", "Visit")  # a target is computed from them


def creations(source: str) -> list[str]:
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    makers = tuple(f"{model}.objects.{name}" for model in ADDED for name in WRITES)
    return [ast.unparse(call) for call in calls if ast.unparse(call.func) in makers]


def test_what_a_target_is_computed_from_is_added_by_the_unit_of_work():
    """`work.add(row)`: saved in another way, the write that creates it may not see it."""
    demo = ROOT / "workorders/services/seeding"  # stories are stored as a whole
    paths = [path for path in modules(["workorders/services"]) if demo not in path.parents]
    assert [call for path in paths for call in creations(path.read_text())] == []


@pytest.mark.parametrize(
    "planted", ["Hold.objects.create(first=day)", "Visit.objects.bulk_create(a)"]
)
def test_a_planted_creation_is_found(planted):
    assert creations(f"def hold(work):\n    {planted}\n    work.add(Hold())\n") == [planted]


def test_what_belongs_to_a_partner():
    assert of_a_partner() >= {"WorkOrder", "Shipment", "ShipmentPart", "File", "Visit", "Verdict"}
    assert (
        of_a_partner() & {"Partner", "ServiceTerritory", "Entitlement", "CarrierService"} == set()
    )


@pytest.mark.parametrize(
    "planted",
    [
        "row.save()",
        "row.save(update_fields=['note'])",
        "Note.objects.create(text='x')",
        "Note.objects.filter(pk=1).delete()",
        "Note.objects.filter(pk=1).update(text='x')",
        "rows.bulk_create(new)",
        "rows.bulk_update(old, ['text'])",
        "rows.get_or_create(pk=1)",
        "work_order.visits.update_or_create(pk=1, defaults={})",
        "super().save_model(request, obj, form, change)",
        "rows.abulk_create(new)",
        "rows._raw_delete('default')",
        "connection.cursor().execute('DELETE FROM t')",
    ],
)
def test_a_planted_write_is_found(planted):
    assert list(writes(f"def view(request):\n    if request:\n        {planted}\n")) == [planted]


@pytest.mark.parametrize(
    "fine",
    [
        "context.update(more)",
        "cache.delete(key)",
        "action.save(work_order, form, who)",
        "services.update_work_order(row, values, by=user)",
        "form.fields.update({'a': 1})",
    ],
)
def test_what_writes_no_row_is_fine(fine):
    assert list(writes(fine)) == []


@pytest.mark.parametrize(
    "planted",
    [
        "WorkOrder.objects.get(number=number)",
        "models.WorkOrder.objects.filter(site=site).order_by('number')",
        "Shipment._default_manager.all()",
        "Visit.objects.filter(work_order=row)",
        "User.objects.filter(pk=1)",
        "get_object_or_404(WorkOrder, number=number)",
        "site.work_orders.filter(number=number)",
        "user.partner.work_orders.all()",
    ],
)
def test_a_planted_query_is_found(planted):
    assert list(unscoped(f"def view(request):\n    rows = {planted}\n", of_a_partner())) == [
        planted
    ]


@pytest.mark.parametrize(
    "fine",
    [
        "WorkOrder.objects.visible_to(user).filter(number=number)",
        "work_order.visits.filter(cycle=1)",
        "User.objects.technicians(partner)",
        "ServiceTerritory.objects.values_list('name')",
        "Prefetch('line_items', LineItem.objects.with_photos_for(user))",
    ],
)
def test_what_is_scoped_is_fine(fine):
    assert list(unscoped(fine, of_a_partner())) == []
