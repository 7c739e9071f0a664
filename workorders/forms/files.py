"""The forms for photos and documents: several at once, and the metadata of one."""

import re
import uuid
from collections.abc import Iterable
from typing import Any, Self, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from portal.people.models import User
from workorders.models import File, LineItem
from workorders.models.files import CAPTION_LENGTH, Moment
from workorders.services.files.photos import HEIC_FORMATS

HEIC = ",image/heic,image/heif" if HEIC_FORMATS else ""  # else an iPhone converts its photos
ACCEPTED = f"image/jpeg,image/png,image/webp{HEIC},application/pdf"
KINDS = "JPEG, PNG, WebP, HEIC or PDF" if HEIC_FORMATS else "JPEG, PNG, WebP or PDF"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOMENTS = [("", "Not specified"), *Moment.choices]


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """A list of uploads.

    The service checks each one by itself; a refused upload does not affect the others.
    """

    widget = ManyFiles

    def __init__(self, **kwargs: Any) -> None:
        help_text = f"{KINDS}, several at once, at most 10 MB each."
        super().__init__(**{"help_text": help_text} | kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        uploads = [upload for upload in data or [] if upload]
        if not uploads and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return uploads


class UploadKeysField(forms.Field):
    """Upload keys of files that the same form sent before. Invalid keys are ignored."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[uuid.UUID]:
        return [uuid.UUID(key) for key in value or [] if UUID.fullmatch(key)]


class _MetadataForm(forms.Form):
    moment = forms.ChoiceField(
        label="What it shows",
        choices=MOMENTS,
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    caption = forms.CharField(
        max_length=CAPTION_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )
    line_item = forms.TypedChoiceField(
        label="Line item",
        required=False,
        empty_value=None,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    internal = forms.BooleanField(label="Internal: for staff only", required=False)

    def __init__(
        self, line_items: Iterable[LineItem], user: User, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        by_number = {str(item.number): item for item in line_items}
        self.with_serial = [item for item in by_number.values() if item.serial_required]
        field = cast(forms.TypedChoiceField, self.fields["line_item"])
        field.choices = [("", "None"), *((number, str(item)) for number, item in by_number.items())]
        field.coerce = by_number.get
        if not by_number:
            del self.fields["line_item"]
        if not user.is_staff:
            del self.fields["internal"]

    def clean(self) -> None:
        """Assign a label to the line item whose serial it shows.

        That is the chosen line item, or the only one that requires a serial.
        """
        metadata = self.cleaned_data
        is_label = metadata.get("moment") == Moment.LABEL
        if not is_label or metadata.get("line_item") or not self.with_serial or self.errors:
            return
        if len(self.with_serial) == 1:
            metadata["line_item"] = self.with_serial[0]
        else:
            self.add_error(
                "line_item",
                "Choose the line item whose new part it is: the label shows its serial.",
            )


class KeyedForm(forms.Form):
    """A form with files. Its key tells a form that is sent again from a new one."""

    upload_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    uploads: forms.Field

    def keyed(self) -> list[tuple[UploadedFile[Any], uuid.UUID]]:
        """Give each upload its own key, which is the same when the form is sent again."""
        key: uuid.UUID = self.cleaned_data.get("upload_key") or uuid.uuid4()
        return [
            (upload, uuid.uuid5(key, f"{n} {upload.size} {upload.name}"))
            for n, upload in enumerate(self.cleaned_data["uploads"])
        ]

    def again(self) -> Self:
        """Return the form with what was typed and a new key, for more files."""
        data = cast(QueryDict, self.data).copy()
        data["upload_key"] = str(uuid.uuid4())
        self.data = data
        return self


class WithFilesForm(KeyedForm):
    """A form about something else that can also carry files.

    Files that were sent with it before are remembered by their keys.
    """

    uploads = FilesField(
        label="Photos and PDFs",
        required=False,
        widget=ManyFiles(attrs={"class": "form-control", "accept": ACCEPTED, "data-photos": True}),
    )
    upload_key = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)
    kept = UploadKeysField(required=False)

    def files_sent(self) -> tuple[list[tuple[UploadedFile[Any], uuid.UUID]], list[uuid.UUID]]:
        """Return the uploads with their keys, and all keys, including those of earlier files."""
        uploads = self.keyed()
        return uploads, [*self.cleaned_data["kept"], *(key for _, key in uploads)]


class CommentForm(WithFilesForm):
    """A comment in Collaborate, with files if this person may add some.

    Staff can make it internal.
    """

    body = forms.CharField(
        label="Message",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
    )
    internal = forms.BooleanField(label="Internal: for staff only", required=False)
    field_order = ["body", "uploads"]

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not user.is_staff:
            del self.fields["internal"]

    @property
    def is_internal(self) -> bool:
        return "internal" in self.fields and bool(self["internal"].value())


class UploadForm(KeyedForm, _MetadataForm):
    """Photos and PDFs, with metadata that applies to all of them."""

    uploads = FilesField(
        label="Photos and PDFs",
        error_messages={"required": "Choose a photo or a PDF first."},
        widget=ManyFiles(attrs={"class": "form-control", "accept": ACCEPTED}),
    )
    field_order = ["upload_key", "uploads", "moment", "line_item", "caption", "internal"]

    def __init__(
        self, line_items: Iterable[LineItem], user: User, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(line_items, user, *args, auto_id="file_%s", **kwargs)

    def metadata(self) -> dict[str, Any]:
        """Return the metadata as arguments of `add_file`."""
        return {
            name: self.cleaned_data[name]
            for name in ("moment", "caption", "line_item", "internal")
            if name in self.fields
        }


class LabelForm(KeyedForm):
    """The carrier's label for a return."""

    uploads = FilesField(
        label="Return label",
        help_text="PDF or image; the partner finds it beside the return.",
        error_messages={"required": "Choose the label first."},
        widget=ManyFiles(attrs={"accept": ACCEPTED}),
    )


class FileForm(_MetadataForm):
    """The metadata of one file.

    It remembers the version of the work order it was made from.
    """

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    field_order = ["version", "caption", "moment", "line_item", "internal"]

    def __init__(self, file: File, user: User, *args: Any, **kwargs: Any) -> None:
        initial_values = {"caption": file.caption, "moment": file.moment, "internal": file.internal}
        initial_values |= {
            "line_item": file.line_item and file.line_item.number,
            "version": file.work_order.version,
        }
        of_the_work = not (file.shipment_id or file.part_report_id)
        line_items = file.work_order.line_items.all() if of_the_work else ()
        super().__init__(line_items, user, *args, initial=initial_values, **kwargs)
        if file.shipment_id:
            self.fields.pop("internal", None)  # a label is for the partner
