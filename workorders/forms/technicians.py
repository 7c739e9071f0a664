"""The form with which a partner onboards a technician."""

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from portal.people.models import User
from workorders.forms.fields import PhoneField


class TechnicianForm(forms.Form):
    name = forms.CharField(label="Name", max_length=120)
    email = forms.EmailField(label="E-mail", max_length=254)
    phone = PhoneField(label="Phone", max_length=32, required=False)

    def __init__(
        self, data: dict[str, str] | None = None, *, again: User | None = None, domain: str = ""
    ) -> None:
        """Make the form.

        `again` is someone who had left. New addresses have to be in `domain`, the partner's.
        """
        person = {"name": again.name, "email": again.email, "phone": again.phone} if again else None
        super().__init__(data, initial=person)
        self.fields["email"].help_text = f"At {domain}." if domain else ""
        for name, field in self.fields.items():
            field.widget.attrs |= {"class": "form-control", "id": name, "autocomplete": "off"}


class AgainForm(forms.Form):
    """Which of the technicians who have left to onboard again."""

    def __init__(self, data: QueryDict, left: QuerySet[User]) -> None:
        super().__init__(data)
        self.fields["again"] = forms.ModelChoiceField(left, required=False)

    def chosen(self) -> User | None:
        return self.cleaned_data["again"] if self.is_valid() else None
