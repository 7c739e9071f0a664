"""What a partner had entered before another one got the work is taken off the work order."""

from collections.abc import Iterator
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from workorders.models.searching import search_text

SHIP_TO = [
    f"ship_to_{fact}"
    for fact in ("name", "phone", "street", "city", "region", "postal_code", "country")
]
SECOND_POC = ["second_poc_name", "second_poc_phone", "second_poc_email"]
OF_A_TICK = {"done_at": None, "done_by_id": None, "received_at": None, "note": "", "serial": ""}


def fill(apps: Any, schema_editor: Any) -> None:
    manager = apps.get_model("workorders", "WorkOrder").objects.using(
        schema_editor.connection.alias
    )
    with_second_poc = manager.exclude(second_poc_name="")
    for row in with_second_poc:
        last = _last_entry_of_second_poc(row)
        if last and last.actor and last.actor.partner_id:
            manager.filter(pk=row.pk).update(second_poc_is_partners=True)
    for row in manager.exclude(partner_since=None):
        _take_off(row)


def _last_entry_of_second_poc(row: Any) -> Any:
    entries = row.ledger.filter(changes__has_key="second_poc_name").exclude(event="reassigned")
    return entries.select_related("actor").order_by("pk").last()


def _take_off(row: Any) -> None:
    past = None
    for entry in row.ledger.filter(changes__has_key="partner").order_by("pk"):
        past = row.past_assignments.create(
            partner_id=entry.changes["partner"][0], since=past and past.until, until=entry.at
        )
    if past is None:
        return
    fields = [] if row.accepted_on else list(SHIP_TO)
    added = _last_entry_of_second_poc(row)
    if row.second_poc_is_partners and added.at < row.partner_since:
        fields += SECOND_POC
    kept = {field: getattr(row, field) for field in fields}
    items = list(_ticked_before(row))
    ticks = [_tick_of(item) for item in items]
    past.entered = {"fields": kept, "line_items": ticks}
    past.save()
    values: dict[str, Any] = dict.fromkeys(fields, "")
    if SECOND_POC[0] in fields:
        values["second_poc_is_partners"] = False
        values["search_text"] = _without_second_poc(row)
    if values:
        type(row).objects.using(row._state.db).filter(pk=row.pk).update(**values)
    held = row.ledger.filter(event="held", at__lt=row.partner_since)
    row.holds.filter(reason__in=list(held.values_list("note", flat=True))).update(reason="")
    for item in items:
        row.line_items.filter(pk=item.pk).update(**OF_A_TICK)


def _ticked_before(row: Any) -> Iterator[Any]:
    since = row.ledger.filter(event__startswith="line-item", at__gte=row.partner_since)
    touched = {entry.changes["line_item"][1] for entry in since if "line_item" in entry.changes}
    for item in row.line_items.all():
        if (item.done_at or item.note or item.serial) and (
            f"{item.number}. {item.description}" not in touched
        ):
            yield item


def _tick_of(item: Any) -> dict[str, Any]:
    values = {field: getattr(item, field) for field in OF_A_TICK}
    moments = {
        field: values[field] and values[field].isoformat() for field in ("done_at", "received_at")
    }
    return {"description": item.description} | values | moments


def _without_second_poc(row: Any) -> str:
    text = f" {row.search_text} "
    for word in search_text([row.second_poc_name, row.second_poc_phone]).split():
        if word not in search_text([row.poc_name, row.poc_phone, row.subject]).split():
            text = text.replace(f" {word} ", " ")
    return text.strip()


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_notification_preferences"),
        ("workorders", "0023_holiday_choices"),
    ]
    operations = [
        migrations.CreateModel(
            name="PastAssignment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField(null=True)),
                ("until", models.DateTimeField()),
                ("entered", models.JSONField(default=dict)),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.partner",
                    ),
                ),
                (
                    "work_order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="past_assignments",
                        to="workorders.workorder",
                    ),
                ),
            ],
            options={"ordering": ["until", "pk"]},
        ),
        migrations.AddField(
            "workorder",
            "second_poc_is_partners",
            models.BooleanField(default=False, editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
