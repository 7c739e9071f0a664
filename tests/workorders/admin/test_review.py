"""The review: the queue, one page for a reason, one for several, and the partner's answer."""

import datetime as dt

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from tests.factories import fresh, make_accepted, make_user, ready_to_complete
from tests.pages import html_of
from tests.workorders.services.test_reviewing import book_late
from tests.workorders.uploads import upload
from workorders import services
from workorders.models import Comment, Verdict
from workorders.services import review_reason
from workorders.services.setting_up import STAFF_GROUP, set_up
from workorders.states import DelayReason, VerdictKind

pytestmark = pytest.mark.once

LIST = "/admin/workorders/missedslareason/"


@pytest.fixture
def reason(work_order, dana):
    return book_late(work_order, dana)


@pytest.fixture
def second(clock, dana):
    clock.shift(3600)
    return book_late(make_accepted(dana, parts_required=False, number="WO-2"), dana)


def page_of(reason) -> str:
    return f"{LIST}{reason.pk}/change/"


@pytest.mark.every_database
def test_the_queue_begins_with_the_oldest_and_is_counted_on_the_first_page(
    reason, second, admin_user, client_of
):
    browser = client_of(admin_user)
    rows = browser.get(f"{LIST}?review=waiting").context["cl"].result_list
    assert [row.pk for row in rows] == [reason.pk, second.pk]
    assert ("Reasons waiting", "2") in [
        (each.label, each.number) for each in browser.get("/admin/").context["day"].waiting
    ]
    review_reason(reason, kind=VerdictKind.EXCUSED, by=admin_user)
    assert [row.pk for row in browser.get(f"{LIST}?review=waiting").context["cl"].result_list] == [
        second.pk
    ]
    assert [row.pk for row in browser.get(f"{LIST}?review=excused").context["cl"].result_list] == [
        reason.pk
    ]


def test_what_neither_has_an_appointment_nor_a_reason_is_beside_the_queue(
    clock, dana, admin_user, client_of
):
    make_accepted(dana, parts_required=False)
    clock.shift(dt.timedelta(days=10))
    page = html_of(client_of(admin_user).get(LIST))
    assert "1 open work order past the target without an appointment" in page


def test_one_screen_shows_what_is_needed_and_takes_the_verdict(
    reason, second, admin_user, client_of
):
    browser = client_of(admin_user)
    page = html_of(browser.get(page_of(reason)))
    for words in (
        "Why this date?",
        "Contact log",
        "Holds",
        "What happened to the dates",
        "Collaborate",
        "Files",
        "Robin",
    ):
        assert words in page
    assert "The portal has no facts about it." in page
    answer = browser.post(
        page_of(reason), {"kind": "excused", "note": "", "seen": "0", "_next": "1"}
    )
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"{page_of(second)}?_changelist_filters=review%3Dwaiting",
    )
    assert [verdict.kind for verdict in reason.verdicts.all()] == ["excused"]
    answer = browser.post(page_of(second), {"kind": "excused", "seen": "0", "_next": "1"})
    assert answer["Location"] == f"{LIST}?review=waiting"


def test_the_next_one_is_that_of_the_list_one_came_from(
    reason, second, clock, dana, admin_user, client_of
):
    clock.shift(60)
    third = book_late(
        make_accepted(dana, parts_required=False, number="WO-3"), dana, DelayReason.TECHNICIAN
    )
    fourth = book_late(
        make_accepted(dana, parts_required=False, number="WO-4"), dana, DelayReason.TECHNICIAN
    )
    browser, verdict = client_of(admin_user), {"kind": "excused", "seen": "0", "_next": "1"}
    same = "?_changelist_filters=review%3Dwaiting%26reason%3Dtechnician"
    assert browser.post(page_of(fourth) + same, verdict)["Location"] == page_of(third) + same
    assert (
        browser.post(page_of(third) + same, verdict)["Location"]
        == f"{LIST}?review=waiting&reason=technician"
    )
    wrong = "?_changelist_filters=no_such%3D1"
    assert page_of(second) in browser.post(page_of(reason) + wrong, verdict)["Location"]


def test_what_is_missing_is_said_at_its_field(reason, admin_user, client_of):
    browser = client_of(admin_user)
    answer = browser.post(page_of(reason), {"kind": "not-excused", "note": "", "seen": "0"})
    assert (answer.status_code, Verdict.objects.count()) == (422, 0)
    assert "Explain why. The partner will read this." in html_of(answer)
    assert "Choose a verdict." in html_of(browser.post(page_of(reason), {"seen": "0"}))


def test_whoever_was_slower_is_told(reason, staff, admin_user, client_of):
    review_reason(reason, kind=VerdictKind.EXCUSED, by=staff)
    answer = client_of(admin_user).post(
        page_of(reason), {"kind": "not-excused", "note": "No", "seen": "0"}
    )
    assert answer.status_code == 409
    assert "Staff has already reviewed it: Excused." in html_of(answer)
    assert reason.verdicts.count() == 1


def test_several_of_one_reason_get_one_verdict_and_mixed_ones_none(
    reason, second, dana, admin_user, client_of
):
    browser = client_of(admin_user)
    chosen = {"action": "review_selected", "_selected_action": [reason.pk, second.pk]}
    answer = browser.post(LIST, chosen)
    assert "Review 2 reasons" in html_of(browser.get(answer["Location"]))
    mixed = book_late(make_accepted(dana, parts_required=False), dana, DelayReason.TECHNICIAN)
    refused = browser.post(f"{LIST}review/?keys={reason.pk},{mixed.pk}", {"kind": "excused"})
    assert (refused.status_code, Verdict.objects.count()) == (422, 0)
    assert browser.post(answer["Location"], {"kind": "excused"}).status_code == 302
    assert Verdict.objects.count() == 2


def test_several_are_shown_with_their_facts_and_nobody_is_overruled_unseen(
    reason, second, staff, admin_user, client_of
):
    browser, url = client_of(admin_user), f"{LIST}review/?keys={reason.pk},{second.pk}"
    page = html_of(browser.get(url))
    assert (
        f'<a href="{page_of(reason)}">{reason.work_order.number}</a> VoltFix, 2 business days late.'
        in page
    )
    assert (
        "Delay due to weather: The forecast rules the work out until after the target date." in page
    )
    review_reason(second, kind=VerdictKind.NOT_EXCUSED, note="No storm", by=staff)
    slower = browser.post(url, {"kind": "excused", "seen": "0"})
    assert (slower.status_code, Verdict.objects.count()) == (409, 1)
    assert "Someone else has reviewed one of them in the meantime." in html_of(slower)


@pytest.mark.every_database
def test_days_wait_where_something_waits_and_facts_narrow_the_list(
    reason, work_order, clock, dana, admin_user, client_of
):
    clock.shift(dt.timedelta(days=2))
    later = book_late(work_order, dana, DelayReason.PART_LATE, day=10)
    clock.shift(dt.timedelta(days=1))
    browser = client_of(admin_user)
    cells = {row.pk: row for row in browser.get(LIST).context["cl"].result_list}
    admin = browser.get(LIST).context["cl"].model_admin
    assert {pk: admin.days_waiting(row) for pk, row in cells.items()} == {
        reason.pk: None,
        later.pk: 1,
    }
    found = {
        fact: browser.get(f"{LIST}?facts={fact}").context["cl"].result_list for fact in (1, 0, -1)
    }
    assert {fact: [row.pk for row in rows] for fact, rows in found.items()} == {
        1: [later.pk],
        0: [reason.pk],
        -1: [],
    }


def test_who_may_not_review_reads_and_no_more(reason, client_of, db):
    set_up(2026)
    viewer = make_user("viewer@chargepoint.example", "staff")
    viewer.user_permissions.add(Permission.objects.get(codename="view_missedslareason"))
    browser = client_of(viewer)
    assert 'name="kind"' not in html_of(browser.get(page_of(reason)))
    assert browser.post(page_of(reason), {"kind": "excused", "seen": "0"}).status_code == 403
    assert browser.post(f"{LIST}review/?keys={reason.pk}", {"kind": "excused"}).status_code == 403
    viewer.groups.add(Group.objects.get(name=STAFF_GROUP))
    assert browser.post(page_of(reason), {"kind": "excused", "seen": "0"}).status_code == 302


# --- The partner's side
def test_the_partner_sees_the_verdict_and_answers_once_with_a_file(
    reason, work_order, dana, tess, staff, client_of
):
    browser, details = client_of(dana), reverse("work-order", args=[work_order.number])
    assert "has not reviewed it yet" in html_of(browser.get(details))
    assert browser.get(reverse("answer-verdict", args=[work_order.number])).status_code == 404
    review_reason(reason, kind=VerdictKind.MORE, note="Which storm?", by=staff)
    page = html_of(browser.get(details))
    assert "More information needed" in page
    assert "“Which storm?”" in page
    assert work_order.number in html_of(browser.get("/work-orders/?needs=verdict"))
    answer = browser.post(
        reverse("answer-verdict", args=[work_order.number]),
        {
            "body": "Sunday's",
            "uploads": [upload()],
            "upload_key": "6b0f7c1e-0000-4000-8000-000000000001",
        },
    )
    said = Comment.objects.get()
    assert (answer.status_code, said.body, said.files.count()) == (302, "Sunday's", 1)
    assert "will review it again" in html_of(browser.get(details))
    again = browser.post(reverse("answer-verdict", args=[work_order.number]), {"body": "And more"})
    assert (again.status_code, Comment.objects.count()) == (409, 1)


def test_a_completed_work_order_can_be_answered_for_too(reason, work_order, dana, staff, client_of):
    services.parts_received(work_order, numbers=["FSO-1"], on=dt.date(2026, 3, 2), by=dana)
    services.complete(ready_to_complete(fresh(work_order), by=dana), by=dana)
    review_reason(reason, kind=VerdictKind.NOT_EXCUSED, note="It was sunny", by=staff)
    answer = client_of(dana).post(
        reverse("answer-verdict", args=[work_order.number]),
        {"body": "No", "uploads": [upload()], "upload_key": "6b0f7c1e-0000-4000-8000-000000000001"},
    )
    assert (answer.status_code, Comment.objects.get().files.count()) == (302, 1)


def test_another_partner_sees_and_answers_nothing(reason, work_order, omar, staff, client_of):
    review_reason(reason, kind=VerdictKind.MORE, note="Which storm?", by=staff)
    browser = client_of(omar)
    assert (
        browser.post(reverse("answer-verdict", args=[work_order.number]), {"body": "x"}).status_code
        == 404
    )
    assert work_order.number not in html_of(browser.get("/work-orders/?needs=verdict"))
