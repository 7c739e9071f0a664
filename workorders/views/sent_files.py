"""Files that come with a form that is about something else."""

from typing import Any

from portal.people.requests import Request
from workorders import services
from workorders.forms.files import WithFilesForm
from workorders.models import File, WorkOrder
from workorders.services.files.uploads import display_name


def add_sent_files(
    request: Request, work_order: WorkOrder, form: WithFilesForm, **metadata: Any
) -> list[File]:
    """Add the files that came with the form, and return them with those sent before.

    Nothing is returned for a form that was not sent. A file that has arrived is kept whatever else
    is wrong: the phone may hold the only copy.
    """
    if not form.is_bound:
        return []
    form.full_clean()
    uploads, keys = form.files_sent()
    for upload, why in services.add_files(work_order, uploads, by=request.user, **metadata):
        form.add_error("uploads", f"{display_name(upload.name or '')}: {why.message}")
    return list(services.unattached_files(work_order, keys, request.user))
