"""The partners' depots in the admin."""

from django.contrib import admin

from portal.people.ship_to import SHIP_TO_LENGTHS
from workorders.admin.searched_filter import SearchedFilter
from workorders.admin.site import LookingUp
from workorders.models import Depot


@admin.register(Depot)
class DepotAdmin(LookingUp):
    fields = ["partner", "name", *SHIP_TO_LENGTHS, "territories"]
    list_display = ["name", "partner", "ship_to_street", "ship_to_city"]
    list_filter = [("partner", SearchedFilter), "territories"]
    list_select_related = ["partner"]
    search_fields = ["name", "ship_to_city", "partner__name"]
    autocomplete_fields = ["partner"]
