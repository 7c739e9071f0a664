"""What stands gets its first revisions; work orders with a target learn what it was counted from, and by which rule."""

from django.db import migrations
from django.db.models import Case, F, Max, OuterRef, Subquery, When
from django.db.models.functions import Coalesce


def revise(apps, schema_editor):
    territories = apps.get_model("workorders", "ServiceTerritory").objects.all()
    apps.get_model("workorders", "CalendarRevision").objects.bulk_create(
        apps.get_model("workorders", "CalendarRevision")(
            territory=row,
            number=row.revision,
            weekend=row.weekend,
            first=row.first,
            last=row.last,
            what="As it stood when revisions began to be kept.",
        )
        for row in territories
    )
    apps.get_model("workorders", "ServiceLevelRevision").objects.bulk_create(
        apps.get_model("workorders", "ServiceLevelRevision")(
            entitlement=row,
            number=1,
            business_days=row.business_days,
            start_without_parts=row.start_without_parts,
            what="As it stood when revisions began to be kept.",
        )
        for row in apps.get_model("workorders", "Entitlement").objects.all()
    )
    territories.update(settled_revision=F("revision"))


def start(apps, schema_editor):
    """Rule 2 in SQL: the delivery of the last required part, else the day that the entitlement names."""
    WorkOrder = apps.get_model("workorders", "WorkOrder")
    delivery = (
        apps.get_model("workorders", "Shipment")
        .objects.filter(work_order=OuterRef("pk"), required=True, direction="outbound")
        .order_by()
        .values("work_order")
        .annotate(last=Max(Coalesce("delivered_on", "estimated_delivery_on")))
        .values("last")
    )
    accepted = apps.get_model("workorders", "Entitlement").objects.filter(start_without_parts="accepted")
    counted = WorkOrder.objects.filter(target_revision__isnull=False, waits_for__in=["", "hold"])
    territory = apps.get_model("workorders", "ServiceTerritory").objects.filter(pk=OuterRef("territory"))
    counted.update(
        start_on=Case(
            When(parts_required=True, then=Subquery(delivery)),
            When(entitlement__in=accepted, then=F("accepted_on")),
            default=F("assigned_on"),
        ),
        target_revision=Subquery(territory.values("revision")),
        level_revision=1,
    )
    WorkOrder.objects.filter(target_on__lt=F("start_on")).update(start_on=None)  # corrected after completion


class Migration(migrations.Migration):
    dependencies = [("workorders", "0003_calendars_are_data")]
    operations = [
        migrations.RunPython(revise, migrations.RunPython.noop),
        migrations.RunPython(start, migrations.RunPython.noop),
    ]
