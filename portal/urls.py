"""Every address of the portal."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from django.contrib import admin
from django.urls import include, path

from portal import health, metrics
from portal.csp_reports import csp_reports
from portal.people import security
from portal.people import views as people

urlpatterns = [
    path("", include("workorders.urls")),
    path("admin/", admin.site.urls),
    # --- People: the names beginning with account_ and mfa_ are those that allauth looks up
    path("login/", account.login, name="account_login"),
    # nobody can sign up, but allauth looks the address up
    path("login/", account.login, name="account_signup"),
    path("logout/", account.logout, name="account_logout"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/sent/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path(
        "password/reset/<slug:uidb36>/<str:key>/",
        people.keeps_address_secret(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("invitations/<str:token>/", people.invitation, name="invitation"),
    path("login/code/", mfa.authenticate, name="mfa_authenticate"),
    path("security/", security.security, name="security"),
    path("security/authenticator-app/", security.authenticator_app, name="authenticator-app"),
    path("security/passkey/", security.passkey, name="passkey"),
    path("security/recovery-codes/", security.recovery_codes, name="recovery-codes"),
    path(
        "security/factors/<int:factor>/remove/",
        security.remove_own_factor,
        name="remove-own-factor",
    ),
    path("security/password/", security.own_password, name="own-password"),
    path("security/sessions/end/", security.end_own_sessions, name="end-own-sessions"),
    # --- For machines
    path("csp-reports", csp_reports, name="csp-reports"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
]
