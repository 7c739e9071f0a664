"""Fields that several forms share."""

import datetime as dt
import re
import zoneinfo
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError

ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
ISO_MINUTE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?")


def iso_day(text: str) -> dt.date | None:
    """Parse YYYY-MM-DD; None for anything else."""
    if not ISO_DAY.fullmatch(text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


class AnsweredField(forms.CharField):
    """The day about which a question was answered with Yes; None unless it is a valid date."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> dt.date | None:
        return iso_day(value or "")


class ISODateField(forms.DateField):
    """A date as YYYY-MM-DD and nothing else, with the browser's date picker."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_error_messages = {"invalid": "Enter the date as YYYY-MM-DD."}

    def to_python(self, value: Any) -> dt.date | None:
        if isinstance(value, str) and value and not ISO_DAY.fullmatch(value.strip()):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class SiteDateTimeField(forms.Field):
    """A local time at the site as YYYY-MM-DDTHH:MM, which becomes an aware datetime.

    The form sets `zone`. In the hour that daylight saving repeats, the first is meant; an hour that
    it skips is refused.
    """

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    zone: zoneinfo.ZoneInfo

    def to_python(self, value: Any) -> dt.datetime | None:
        if value in self.empty_values:
            return None
        local = self._parsed(str(value).strip())
        if not 2000 <= local.year <= 2100:
            raise ValidationError("Check the year.", code="year")
        at = local.replace(tzinfo=self.zone)
        if at.astimezone(dt.UTC).astimezone(self.zone).replace(tzinfo=None) != local:
            raise ValidationError(
                "This hour does not exist at the site: the clocks go forward then.", code="skipped"
            )
        return at

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, dt.datetime):
            return f"{value.astimezone(self.zone):%Y-%m-%dT%H:%M}"
        return value

    @staticmethod
    def _parsed(text: str) -> dt.datetime:
        try:
            if not ISO_MINUTE.fullmatch(text):
                raise ValueError(text)
            return dt.datetime.fromisoformat(text)
        except ValueError:
            raise ValidationError(
                "Enter a valid date and time, as YYYY-MM-DDTHH:MM.", code="invalid"
            ) from None


class PhoneField(forms.CharField):
    """A phone number, stored as it was typed.

    A number without a country code belongs to the country `region`.
    """

    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "off"})
    region = "US"

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        if not text:
            return ""
        try:
            number = phonenumbers.parse(text, self.region)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            raise ValidationError(
                "Enter a valid phone number, such as +1 415 555 0187.", code="invalid"
            )
        return text
