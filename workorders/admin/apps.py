from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    default_site = "workorders.admin.site.PortalAdminSite"

    def ready(self) -> None:
        """Load the pages of work orders.

        The package's __init__ cannot do that, because it is loaded before there are models.
        """
        super().ready()
        from allauth.account.models import EmailAddress
        from allauth.mfa.models import Authenticator
        from django.contrib import admin

        from workorders.admin import (  # noqa: F401
            depots,
            missed_sla_reasons,
            people,
            places,
            proposals,
            service_levels,
            territories,
            work_orders,
        )

        admin.site.unregister(EmailAddress)  # an address is changed where the person is
        admin.site.unregister(Authenticator)  # it holds secrets
