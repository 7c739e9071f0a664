"""The admin site behind the portal's own login."""

from django.contrib.admin import AdminSite


class PortalAdminSite(AdminSite):
    site_header = site_title = "Partner Portal"
