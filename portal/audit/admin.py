"""The audit in the admin, to be read and nothing else."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from portal.audit.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin[AuditEntry]):
    list_display = ["at", "event", "by", "person", "note"]
    list_display_links = None
    list_filter = ["event", "at"]
    list_select_related = ["by", "person"]
    search_fields = ["by__name", "by__email", "person__name", "person__email", "note"]
    search_help_text = "Name or e-mail of a person, or what the note says"
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
