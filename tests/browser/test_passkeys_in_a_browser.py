"""A passkey is made and given in a real browser, at a name: browsers make none for a number."""

from urllib.parse import urlsplit

import pytest

from portal.people.factors import factors_of
from portal.people.models import User
from portal.people.roles import Role
from tests.browser.conftest import violations
from tests.factories import PASSWORD, make_user, make_voltfix

VIRTUAL = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def at_localhost(settings) -> None:
    """As with PORTAL_BASE_URL=http://localhost, and a manager who must have a factor."""
    settings.MFA_REQUIRED = settings.PASSKEYS = True
    settings.MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
    settings.PORTAL_BASE = urlsplit("http://localhost")


@pytest.fixture
def mia(portal) -> User:
    return make_user("mia@voltfix.example", Role.MANAGER, partner=make_voltfix())


def test_a_manager_makes_a_passkey_and_logs_in_with_it(at_localhost, opened, portal, mia):
    name = f"http://localhost:{urlsplit(portal).port}"

    def log_in() -> None:
        page.goto(f"{name}/login/")
        page.get_by_label("E-mail").fill(mia.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()

    page = opened()
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": VIRTUAL})
    log_in()
    page.get_by_role("link", name="Add a passkey").click()
    assert violations(page) == []
    page.get_by_role("button", name="Make the passkey").click()
    page.wait_for_url("**/security/recovery-codes/")
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url("**/work-orders/")
    page.goto(f"{name}/logout/")
    page.get_by_role("main").get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login/")
    log_in()
    assert violations(page) == []
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/work-orders/")
    (passkey,) = factors_of(mia).passkeys
    assert str(passkey) == "Chrome on Linux"
    assert passkey.last_used_at
