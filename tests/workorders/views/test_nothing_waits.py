"""What waits for a partner, where that is nothing or little."""

import pytest

from tests.factories import fresh, make_accepted, make_work_order
from tests.workorders.views.list_page import LIST, MONDAY, needs, numbers, text_of
from workorders import services


def test_where_nothing_waits_the_page_says_so_calmly(clock, dana, client_of):
    browser = client_of(dana)
    assert "Nothing is waiting for you." in text_of(browser.get(LIST))
    make_work_order(partner=dana.partner)
    assert list(needs(browser.get(LIST))) == ["Accept"]
    assert "None of these is waiting for you." in text_of(
        browser.get(f"{LIST}?work_type=installation")
    )
    emptied = text_of(browser.get(f"{LIST}?needs=book"))
    assert "Nothing left here" in emptied
    assert 'aria-current="true">Book <b>0</b>' in emptied


def test_what_stood_before_another_partner_got_the_work_waits_for_nobody(
    clock, dana, omar, staff, client_of
):
    work_order = make_work_order("WO-1", partner=omar.partner)
    services.comment(work_order, body="Who opens the gate?", by=staff)
    clock.shift(60)
    services.reassign(work_order, partner=dana.partner, assigned_on=MONDAY, note="", by=staff)
    assert numbers(client_of(dana).get(f"{LIST}?needs=answer")) == []
    services.comment(fresh(work_order), body="Welcome. Can you go there this week?", by=staff)
    assert numbers(client_of(dana).get(f"{LIST}?needs=answer")) == ["WO-1"]


@pytest.mark.parametrize("query", ["", "needs=accept", "needs=return"])
def test_with_one_row_the_list_takes_five_queries(
    clock, dana, client_of, django_assert_num_queries, query
):
    make_accepted(dana)
    client_of(dana).get(LIST)  # the calendars are warm from here on
    browser = client_of(dana)
    with django_assert_num_queries(5):
        browser.get(f"{LIST}?{query}")
