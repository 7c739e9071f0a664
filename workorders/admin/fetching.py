"""How the admin's pages fetch their rows. Fetching a row is also asking for permission."""

from typing import Any, TypeVar

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest

LONGEST_KEY = 18  # digits; databases refuse larger numbers
Row = TypeVar("Row", bound=Model)


def get_viewable_or_404(admin: ModelAdmin[Row], request: HttpRequest, pk: int | str) -> Row:
    """Fetch a row that this person may see; 403 if they may not, 404 if it does not exist."""
    row = _get_or_404(admin, request, pk)
    if not admin.has_view_permission(request, row):
        raise PermissionDenied
    return row


def get_editable_or_404(admin: ModelAdmin[Row], request: HttpRequest, pk: int | str) -> Row:
    """Fetch a row that this person may change; 403 if they may not, 404 if it does not exist."""
    row = _get_or_404(admin, request, pk)
    if not admin.has_change_permission(request, row):
        raise PermissionDenied
    return row


def _get_or_404(admin: ModelAdmin[Row], request: HttpRequest, pk: int | str) -> Row:
    row = admin.get_object(request, str(pk))
    if row is None:
        raise Http404
    return row


def chosen_keys(admin: ModelAdmin[Any], request: HttpRequest) -> list[str]:
    """Return the keys that an action of the list put into the address, at most one page of them."""
    keys = request.GET.get("keys", "").split(",")
    keys = [key for key in keys if key.isdecimal() and len(key) <= LONGEST_KEY]
    return keys[: admin.list_per_page]
