"""Accepting several: from the list of what is to be accepted, each leads to the next."""

import pytest
from django.urls import reverse

from tests.factories import fresh, make_site, make_work_order
from tests.workorders.views.list_page import LIST, numbers, text_of
from workorders.services import accept_work_order
from workorders.states import Status

pytestmark = pytest.mark.once

BACK = "needs=accept&sort=number"
ADDRESS = {
    "name": "Night shift",
    "phone": "+1 510 555 0100",
    "street": "2 Pier Rd",
    "city": "Oakland",
    "region": "CA",
    "postal_code": "94607",
    "country": "US",
}


@pytest.fixture
def three(clock, dana, omar):
    """To be accepted by Dana, the second one without parts; and one of Omar's."""
    make_work_order("WO-0", partner=omar.partner)
    return [
        make_work_order(f"WO-{n}", partner=dana.partner, parts_required=n != 2) for n in (1, 2, 3)
    ]


@pytest.fixture
def accept(dana, client_of):
    """Send the form of one, with the list that it came from; the answer, and the page that it leads
    to.
    """
    browser = client_of(dana)

    def send(work_order, back=BACK, **typed):
        url = reverse("accept", args=[work_order.number])
        answer = browser.post(
            url, ADDRESS | {"version": work_order.version} | typed, query_params={"back": back}
        )
        return answer, browser.get(
            answer.headers["Location"]
        ) if answer.status_code == 302 else answer

    return send


def leads_to(answer) -> str:
    return answer.headers["Location"].replace("%3D", "=").replace("%26", "&")


def test_each_leads_to_the_next_and_the_last_to_the_list(three, accept):
    first, second, third = three
    answer, page = accept(first)
    assert leads_to(answer) == f"/work-orders/WO-2/accept/?back={BACK}"
    said = "WO-1 is accepted. 2 more to accept; this is the next one. "
    said += '<a href="/work-orders/?needs=accept&sort=number">Later'
    assert said in text_of(page)
    assert "No parts are needed" in text_of(page)
    answer, page = accept(second)
    assert leads_to(answer) == f"/work-orders/WO-3/accept/?back={BACK}"
    assert "WO-2 is accepted. 1 more to accept" in text_of(page)
    assert 'value="2 Pier Rd"' in text_of(page)  # the last ship-to, as usual
    answer, page = accept(third)
    assert leads_to(answer) == f"{LIST}?sort=number"
    assert "WO-3 is accepted. There is nothing left to accept." in text_of(page)
    assert numbers(page) == ["WO-1", "WO-2", "WO-3"]
    assert [fresh(row).status for row in three] == [
        "ship-to-received",
        "in-progress",
        "ship-to-received",
    ]


def test_from_the_middle_it_goes_on_behind_and_then_to_what_is_left(three, accept):
    first, second, third = three
    assert leads_to(accept(second)[0]) == f"/work-orders/WO-3/accept/?back={BACK}"
    assert leads_to(accept(third)[0]) == f"/work-orders/WO-1/accept/?back={BACK}"
    assert leads_to(accept(first)[0]) == f"{LIST}?sort=number"


def test_it_stays_within_the_list_that_one_came_from(three, accept, dana):
    berlin = make_work_order(
        "WO-4", partner=dana.partner, work_type="installation", site=make_site("Tor", "Bahn")
    )
    answer, page = accept(berlin, back="needs=accept&work_type=installation")
    assert leads_to(answer) == f"{LIST}?work_type=installation"
    assert "There is nothing left to accept." in text_of(page)
    answer, _ = accept(three[0], back="needs=accept&sort=-number&after=zzz")
    assert leads_to(answer).startswith("/work-orders/WO-3/accept/")


@pytest.mark.parametrize(
    "back", ["", "status=assigned", "needs=book", "needs=nonsense", "%00&needs", "q=" + "x" * 9_000]
)
def test_from_anywhere_else_it_stays_with_the_work_order(three, accept, back):
    answer, page = accept(three[0], back=back)
    assert answer.headers["Location"].startswith("/work-orders/WO-1/")
    assert "Accepted. The parts will be sent to your address." in text_of(page)


def test_what_is_refused_stays_where_it_is(three, accept, dana):
    first, second, _ = three
    answer, _ = accept(first, street="")
    assert (answer.status_code, fresh(first).status) == (422, Status.ASSIGNED)
    assert "is accepted" not in text_of(answer)
    accept_work_order(second, ship_to=None, by=dana)
    answer, _ = accept(second)
    assert answer.status_code == 409
