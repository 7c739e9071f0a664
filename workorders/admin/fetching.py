"""How the admin's pages fetch the rows that they are about: fetching is authorising."""

from typing import Any, TypeVar

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest

LONGEST_KEY = 18  # digits; databases refuse larger numbers
Row = TypeVar("Row", bound=Model)


def get_viewable_or_404(admin: ModelAdmin[Row], request: HttpRequest, pk: int | str) -> Row:
    """The row, for someone who may see it; 403 for anybody else, 404 where there is none."""
    row = _get_or_404(admin, request, pk)
    if not admin.has_view_permission(request, row):
        raise PermissionDenied
    return row


def get_editable_or_404(admin: ModelAdmin[Row], request: HttpRequest, pk: int | str) -> Row:
    """The row, for someone who may change it; 403 for anybody else, 404 where there is none."""
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
    """The keys that an action of the list has put into the address, a page of the list at most."""
    keys = request.GET.get("keys", "").split(",")
    keys = [key for key in keys if key.isdecimal() and len(key) <= LONGEST_KEY]
    return keys[: admin.list_per_page]
