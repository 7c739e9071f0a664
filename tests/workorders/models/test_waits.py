"""What is kept of what waits holds from the instant until the instant that the conditions say."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests.workorders.kept_waits import TIMED, stale_waits
from workorders.models import Site, Wait, WorkOrder
from workorders.models.spans import any_at
from workorders.models.waiting import MESSAGES, WAIT_RULES, waits_for
from workorders.models.waits import LONG_AGO, NEVER, of_need, of_todo
from workorders.services import comment, read_thread
from workorders.services.waiting import keep_all_waits, keep_waits_after_migrate

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
NOON = dt.datetime(2026, 3, 11, 20, tzinfo=dt.UTC)
A_MOMENT = dt.timedelta(microseconds=1)


@pytest.fixture(scope="module")
def demo(shared_rows) -> None:
    """Work of every kind, at sites on both sides of the date line."""
    call_command("seed_demo", "--work-orders", "120", "--today", "2026-03-11", stdout=None)
    for site, zone in zip(
        Site.objects.order_by("pk"), ["Pacific/Auckland", "Pacific/Honolulu"], strict=False
    ):
        Site.objects.filter(pk=site.pk).update(time_zone=zone)
    keep_all_waits()


def instants() -> list[dt.datetime]:
    """Those at which something begins or ends, and the moments before: the ones around today."""
    found = {each for row in Wait.objects.values_list("since", "until") for each in row}
    near = sorted(each for each in found if NOON - 3 * DAY < each < NOON + 9 * DAY)
    return [each for instant in near[::4] for each in (instant - A_MOMENT, instant)]


def test_what_is_kept_holds_when_its_condition_does(demo):
    rows, wrong = WorkOrder.objects.order_by("pk"), {}
    times = instants()
    assert len(times) > 12
    for name in sorted(TIMED):
        for now in times[:: 1 + len(times) // 6]:
            said = set(
                rows.filter(any_at(WAIT_RULES[name].spans, now)).values_list("pk", flat=True)
            )
            kept = set(Wait.objects.at(now).filter(name=name).values_list("work_order", flat=True))
            if said != kept:
                wrong[name, now] = said ^ kept
    assert wrong == {}


def test_what_no_clock_decides_holds_from_now_on(demo):
    for name in sorted(WAIT_RULES.keys() - TIMED):
        said = set(
            WorkOrder.objects.filter(any_at(WAIT_RULES[name].spans, NOON)).values_list(
                "pk", flat=True
            )
        )
        kept = Wait.objects.filter(name=name, since__lte=NOON, until=NEVER)
        assert set(kept.values_list("work_order", flat=True)) == said, name


def test_the_table_is_filled_from_nothing(demo):
    before = set(Wait.objects.values_list("work_order", "name"))
    Wait.objects.all().delete()
    keep_waits_after_migrate(using="default")
    assert set(Wait.objects.values_list("work_order", "name")) == before
    assert stale_waits() == set()


def test_messages_wait_for_those_who_have_not_read_them(work_order, dana, staff, clock):
    now = timezone.now

    def waiting(reader, name: str) -> int:
        return waits_for(reader, now()).numbers([name])[name]

    comment(work_order, body="Which bay is it?", by=dana)
    assert (waiting(staff, of_todo("messages")), waiting(dana, of_need("answer"))) == (1, 0)
    read_thread(work_order, by=staff)
    assert waiting(staff, of_todo("messages")) == 0
    clock.shift(DAY)
    comment(work_order, body="Bay 12.", by=staff)
    assert (waiting(staff, of_todo("messages")), waiting(dana, of_need("answer"))) == (0, 1)
    assert set(MESSAGES) == {of_todo("messages"), of_need("answer")}
    assert Wait.objects.get(name=of_need("answer"), work_order=work_order).since > LONG_AGO
