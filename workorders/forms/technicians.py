"""The form with which a partner takes on a technician."""

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
        """`again` is someone who had left; `domain` the partner's, where new addresses are."""
        person = {"name": again.name, "email": again.email, "phone": again.phone} if again else None
        super().__init__(data, initial=person)
        self.fields["email"].help_text = f"At {domain}." if domain else ""
        for name, field in self.fields.items():
            field.widget.attrs |= {"class": "form-control", "id": name, "autocomplete": "off"}


class AgainForm(forms.Form):
    """Who is taken on again, of those who have left."""

    def __init__(self, data: QueryDict, left: QuerySet[User]) -> None:
        super().__init__(data)
        self.fields["again"] = forms.ModelChoiceField(left, required=False)

    def chosen(self) -> User | None:
        return self.cleaned_data["again"] if self.is_valid() else None
