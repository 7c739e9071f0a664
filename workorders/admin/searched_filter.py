"""A filter by what there are hundreds of: the one wanted is searched for, not chosen of a list."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import RelatedFieldListFilter
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest

from workorders.admin.site import LookupSelect


class SearchedFilter(RelatedFieldListFilter):
    template = "admin/searched_filter.html"

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        """Make the control, and no list."""
        attrs, found = {"id": f"by-{self.field_path}"}, field.formfield().choices
        self.widget = LookupSelect(field, model_admin.admin_site, attrs, found)
        return []

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """One: what the form of the filter is made of."""
        own = [name for name in self.expected_parameters() if name]
        yield {
            "field": self.widget.render(self.lookup_kwarg, self.lookup_val),
            "label": self.widget.attrs["id"],
            "others": [
                (name, value)
                for name, values in changelist.filter_params.items()
                for value in values
                if name not in own
            ],
            "all": changelist.get_query_string(remove=own) if self.lookup_val else "",
        }
