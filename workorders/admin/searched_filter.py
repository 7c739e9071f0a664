"""A filter by what there are hundreds of: the one wanted is searched for, not chosen of a list."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import RelatedFieldListFilter
from django.contrib.admin.views.main import ChangeList

from workorders.admin.site import LookupSelect


class SearchedFilter(RelatedFieldListFilter):
    template = "admin/searched_filter.html"

    def field_choices(self, *args: Any) -> list[Any]:
        return []  # it has no list

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """One: what the form of the filter is made of."""
        own = [name for name in self.expected_parameters() if name]
        field: Any = self.field.formfield()
        site, label = changelist.model_admin.admin_site, f"by-{self.field_path}"
        select = LookupSelect(self.field, site, choices=field.choices)
        yield {
            "field": select.render(self.lookup_kwarg, self.lookup_val, {"id": label}),
            "label": label,
            "others": [
                (name, value)
                for name, values in changelist.filter_params.items()
                for value in values
                if name not in own
            ],
            "all": changelist.get_query_string(remove=own) if self.lookup_val else "",
        }
