"""The section Files, on the Related tab and on the job page."""

from typing import Any, NamedTuple

from portal.people.requests import Request
from workorders.forms.files import UploadForm
from workorders.history.wording import actor_name
from workorders.models import File, WorkOrder
from workorders.permissions import blocked_reason, can_now, may_edit_file
from workorders.states import Verb


class ShownFile(NamedTuple):
    """A file, who added it as far as the reader may know, and whether they may edit it."""

    file: File
    who: str
    may_edit_file: bool


def _chosen(request: Request) -> dict[str, str]:
    """Return the line item that a link wants a photo of, and what the photo is to show."""
    return {"line_item": request.GET.get("item", ""), "moment": request.GET.get("shows", "")}


def file_list(request: Request, work_order: WorkOrder) -> dict[str, Any]:
    """List the files that this person may see, and say why no more can be added."""
    user, may_change = request.user, can_now(request.user, Verb.CHANGE_FILE, work_order)
    files = work_order.files.visible_to(user).with_facts().with_twins()
    return {
        "files": [
            ShownFile(
                file,
                actor_name(file.uploaded_by, user),
                may_change and may_edit_file(user, file),
            )
            for file in files
        ],
        "no_upload": blocked_reason(work_order, Verb.ADD_FILE, user),
    }


def files_section(request: Request, work_order: WorkOrder) -> dict[str, Any]:
    """Build the whole section: the list, and the upload form if this person may add files."""
    upload = None
    if can_now(request.user, Verb.ADD_FILE, work_order):
        upload = UploadForm(work_order.line_items.all(), request.user, initial=_chosen(request))
    return file_list(request, work_order) | {"upload": upload}
