"""What waits, with the keyboard alone: the counts above the list, and one work order accepted after
the other.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import violations
from tests.factories import make_work_order


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_several_are_accepted_one_after_the_other(opened, new, shipped, dana, theme, width):
    make_work_order(
        "WO-00100209", partner=dana.partner, parts_required=False, assigned_on=new.assigned_on
    )
    page = opened(dana, color_scheme=theme, viewport={"width": width, "height": 800})
    page.goto("/work-orders/")
    needs = page.get_by_role("navigation", name="Needs you")
    expect(needs.get_by_role("link")).to_have_text(["Accept 2", "Book 1"])

    def is_sound() -> None:
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
        assert violations(page) == []

    is_sound()
    needs.get_by_role("link", name="Accept").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/work-orders/?needs=accept")
    expect(page.get_by_role("heading", level=1)).to_have_text("Work Orders 2 waiting for you")
    is_sound()
    page.get_by_role("link", name="Accept WO-00100209").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/WO-00100208/accept/**")
    expect(page.get_by_role("status")).to_contain_text("WO-00100209 is accepted. 1 more to accept")
    is_sound()
    page.get_by_role("link", name="Later").click()
    page.wait_for_url("**/work-orders/?needs=accept")
    page.get_by_role("link", name="Accept WO-00100208").click()
    for label, value in (
        ("Name", "Depot"),
        ("Phone Number", "+1 510 555 0100"),
        ("Shipping Address: street", "1 Way"),
    ):
        page.get_by_label(label, exact=True).fill(value)
    for label, value in (("City", "Oakland"), ("Postal code", "94607"), ("Country", "US")):
        page.get_by_label(label, exact=True).fill(value)
    page.keyboard.press("Enter")
    page.wait_for_url("**/work-orders/")
    expect(page.get_by_role("status").first).to_contain_text("There is nothing left to accept.")
    expect(needs.get_by_role("link")).to_have_text(["Book 2"])
    is_sound()
