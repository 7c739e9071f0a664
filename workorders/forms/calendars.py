"""Staff's forms for business calendars and service levels."""

import datetime as dt
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from sla.values import HOLIDAYS_SET_BY_PARTS, WEEKDAYS
from workorders.dates import day_text
from workorders.forms.fields import ISODateField
from workorders.forms.staff import text_area
from workorders.models import CalendarProposal, CalendarRevision, Entitlement, ServiceTerritory
from workorders.models.weeks import saturday_and_sunday
from workorders.services import DomainError
from workorders.services.calendars import day_changes
from workorders.services.calendars.holiday_choices import choosing, holiday_rows, listed_for
from workorders.services.calendars.proposals import CalendarChange, check_first_calendar
from workorders.services.calendars.refreshing import YEARS_AHEAD

EARLIEST = dt.date(2000, 1, 1)


class CountryForm(forms.ModelForm[ServiceTerritory]):
    def clean_country(self) -> str:
        country: str = self.cleaned_data["country"].upper()
        if not (country.isascii() and country.isalpha() and len(country) == 2):
            raise forms.ValidationError("Enter two letters, such as US.")
        return country


class TerritoryForm(CountryForm):
    """Where a territory is. Its calendar changes only through proposals."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("country") in HOLIDAYS_SET_BY_PARTS and not data.get("subdivision"):
            self.add_error(
                "subdivision",
                "The parts of this country set their own holidays: name one, such as ENG.",
            )
        return data


def weekend_field(**kwargs: Any) -> forms.TypedMultipleChoiceField:
    days = list(enumerate(WEEKDAYS))
    return forms.TypedMultipleChoiceField(
        choices=days, coerce=int, required=False, widget=forms.CheckboxSelectMultiple, **kwargs
    )


class WithWeekend(forms.BaseForm):
    def clean_weekend(self) -> list[int]:
        days: list[int] = sorted(self.cleaned_data["weekend"])
        if len(days) == len(WEEKDAYS):
            raise ValidationError("Leave at least one working day.")
        return days


class NewTerritoryForm(WithWeekend, TerritoryForm):
    """A new territory, with its week and coverage. Its holidays are proposed afterwards."""

    weekend = weekend_field(initial=saturday_and_sunday)
    first = ISODateField(
        label="First day covered", initial=lambda: dt.date(timezone.now().year, 1, 1)
    )
    last = ISODateField(
        label="Last day covered", initial=lambda: dt.date(timezone.now().year + YEARS_AHEAD, 12, 31)
    )

    def clean_first(self) -> dt.date:
        first: dt.date = self.cleaned_data["first"]
        if first < EARLIEST:
            raise ValidationError(f"Not before {EARLIEST}.")
        return first

    def clean_last(self) -> dt.date:
        last: dt.date = self.cleaned_data["last"]
        if last > (latest := day_changes.latest_last_day()):
            raise ValidationError(f"A calendar cannot run beyond {day_text(latest)}.")
        return last

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if {"weekend", "first", "last"} <= data.keys():
            try:
                check_first_calendar(
                    CalendarRevision(**{name: data[name] for name in ("weekend", "first", "last")})
                )
            except DomainError as refused:
                self.add_error("last", refused.message)
        return data


class HolidayLine(NamedTuple):
    """A row of the table of holidays. `days` holds those of each year."""

    name: str
    source: str
    days: list[list[dt.date]]
    is_ticked: bool


class CalendarActionForm(forms.Form):
    """A form that describes a change to a territory's calendar. `change` raises DomainError."""

    def __init__(self, territory: ServiceTerritory, data: Any = None) -> None:
        self.territory = territory
        super().__init__(data, initial=self.initial_values(), auto_id="id_%s")

    def initial_values(self) -> dict[str, Any]:
        """Return the fields' initial values, by name."""
        return {}

    def change(self) -> CalendarChange:
        raise NotImplementedError


class CloseForm(CalendarActionForm):
    first = ISODateField(label="First day")
    last = ISODateField(
        label="Last day",
        required=False,
        help_text=f"For a shutdown, which may span New Year; at most {day_changes.LONGEST} days."
        " Leave empty for the first day only.",
    )
    name = forms.CharField(
        label="Name",
        max_length=200,
        help_text="Why it is closed, such as Company closure. Partners read it.",
    )

    def change(self) -> CalendarChange:
        return day_changes.closing(self.territory, **self.cleaned_data)


class OpenForm(CalendarActionForm):
    day = ISODateField(
        label="Day",
        help_text="A holiday, a closure, or a weekend day. A weekday that staff have closed"
        " themselves, perhaps by mistake, simply becomes a weekday again.",
    )
    name = forms.CharField(
        label="Name",
        max_length=200,
        required=False,
        help_text="For a weekend day that counts as a business day, such as Inventory count. A"
        " holiday keeps its own name.",
    )
    twin = forms.BooleanField(
        label="Its other date as well",
        required=False,
        initial=True,
        help_text="A holiday’s own date and the day on which it is observed, a few days apart. A"
        " date on a weekend stays closed.",
    )
    every_year = forms.BooleanField(
        label="Never close for this holiday",
        required=False,
        help_text="All its dates that the calendar covers, and those it will cover when it is"
        " extended. This is kept with the territory.",
    )

    def change(self) -> CalendarChange:
        return day_changes.opening(self.territory, **self.cleaned_data)


class MoveForm(CalendarActionForm):
    day = ISODateField(
        label="Closed day", help_text="It becomes a business day, unless it is on a weekend."
    )
    to = ISODateField(label="Closed instead", help_text="The holiday's name moves to this day.")

    def change(self) -> CalendarChange:
        return day_changes.moving(self.territory, **self.cleaned_data)


class HolidaysForm(CalendarActionForm):
    """Which of the listed holidays the calendar closes for, each with its days by year."""

    closes = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, territory: ServiceTerritory, data: Any = None) -> None:
        self.rows = holiday_rows(listed_for(territory), territory.choices)
        super().__init__(territory, data)
        closes: Any = self.fields["closes"]
        closes.choices = [(row.name, row.name) for row in self.rows]

    def initial_values(self) -> dict[str, Any]:
        return {"closes": [row.name for row in self.rows if row.closes]}

    @property
    def years(self) -> list[int]:
        """The years from this one on."""
        return list(range(timezone.now().year, self.territory.last.year + 1))

    @property
    def table(self) -> list[HolidayLine]:
        ticked = self["closes"].value()
        return [
            HolidayLine(
                row.name,
                row.source,
                [[day for day in row.days if day.year == year] for year in self.years],
                row.name in ticked,
            )
            for row in self.rows
        ]

    def change(self) -> CalendarChange:
        return choosing(self.territory, self.cleaned_data["closes"])


class WeekForm(WithWeekend, CalendarActionForm):
    weekend = weekend_field(label="Weekend")
    last = ISODateField(
        label="Last day covered",
        help_text="It can only move later. Once this is approved, the worker proposes the holidays"
        " of the added years within a minute.",
    )

    def initial_values(self) -> dict[str, Any]:
        return {"weekend": self.territory.weekend, "last": self.territory.last}

    def change(self) -> CalendarChange:
        return day_changes.another_week(self.territory, **self.cleaned_data)


class DecisionForm(forms.Form):
    """Which lines of a proposal to accept, and a note."""

    lines = forms.TypedMultipleChoiceField(
        coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    note = text_area("Note", 1000, "Why, for those who look at this later.")

    def __init__(self, proposal: CalendarProposal, data: Any = None) -> None:
        super().__init__(data, auto_id="id_%s")
        self.days = list(proposal.days.all())
        lines: Any = self.fields["lines"]
        lines.choices = [(line.pk, str(line)) for line in self.days]
        self.fields["note"].required = False

    @property
    def ticked(self) -> set[int]:
        """The keys of the checked lines. At first, all of them are checked."""
        if not self.is_bound:
            return {line.pk for line in self.days}
        return set(self.cleaned_data.get("lines", ()))


class EntitlementForm(forms.ModelForm[Entitlement]):
    """An entitlement. `seen` is the revision of the service level the form was made from."""

    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    class Meta:
        model = Entitlement
        fields = ["name", "business_days", "start_without_parts", "from_next_business_day"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen"] = self.instance.revision
        else:
            self.fields.pop("seen", None)
