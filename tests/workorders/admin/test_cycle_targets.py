"""Staff send work back with a target, set one later, and read how the cycles came out."""

import datetime as dt

import pytest

from tests.factories import fresh, make_accepted, ready_to_complete
from tests.pages import html_of
from tests.workorders.admin.staff_pages import TODAY, post_action, url
from tests.workorders.uploads import add
from workorders.services import complete, send_back

pytestmark = pytest.mark.once

REASON = "The account was promised this week"


@pytest.fixture
def completed(client, coordinator, dana):
    return complete(ready_to_complete(make_accepted(dana, parts_required=False), by=dana), by=dana)


@pytest.mark.parametrize(("reason", "status", "cycle"), [(REASON, 302, 2), ("", 422, 1)])
def test_send_back_takes_a_target_with_its_reason(client, completed, reason, status, cycle):
    friday = TODAY + dt.timedelta(days=4)
    response = post_action(
        client,
        completed,
        "send-back",
        note="A photo",
        next_target_on=friday,
        next_target_reason=reason,
    )
    assert (response.status_code, fresh(completed).cycle) == (status, cycle)
    assert fresh(completed).target_reason == (REASON if status == 302 else "")


def test_send_back_asks_for_line_items_and_photos_again(client, coordinator, dana):
    steps = ("Lock out", "Replace [photo]")
    work_order = make_accepted(dana, parts_required=False, images_required=True, line_items=steps)
    for item in work_order.line_items.all():
        add(work_order, dana, line_item=item)
    complete(ready_to_complete(work_order, by=dana), by=dana)
    assert "2. Replace" in html_of(client.get(url(work_order, "send-back")))
    assert (
        post_action(client, work_order, "send-back", note="Blurred", again=["7"]).status_code == 422
    )
    assert (
        post_action(
            client, work_order, "send-back", note="Blurred", again=["2"], new_photos="on"
        ).status_code
        == 302
    )
    open_items = [item.number for item in work_order.line_items.filter(done_at=None)]
    assert (open_items, fresh(work_order).photos_from) == ([2], 2)
    page = html_of(client.get(f"/admin/workorders/workorder/{work_order.pk}/change/"))
    assert "2. Replace" in page
    assert "asks for a photo" in page


def test_a_target_is_set_later_and_shown_with_its_words(client, completed, coordinator):
    send_back(completed, note="A photo is missing", by=coordinator)
    page = html_of(client.get(f"/admin/workorders/workorder/{completed.pk}/change/"))
    assert "Set a target for this cycle" in page
    data = {"target_on": TODAY + dt.timedelta(days=4), "target_reason": REASON}
    assert post_action(client, completed, "set-target", **data).status_code == 302
    page = html_of(client.get(f"/admin/workorders/workorder/{completed.pk}/change/"))
    assert f"Set by staff for cycle 2: {REASON}" in page
