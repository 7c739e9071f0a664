"""A bucket that is away: said like a full disk, and no page breaks."""

import socket

import pytest
from django.core.files.storage import storages

from tests.factories import make_accepted
from tests.workorders.uploads import add, address, in_storage
from workorders.models import File
from workorders.services import NotStored

pytestmark = pytest.mark.once


@pytest.fixture
def away(settings) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    keys = {"access_key": "key", "secret_key": "secret", "region_name": "eu-central-1"}
    options = keys | {"bucket_name": "portal-files", "endpoint_url": f"http://127.0.0.1:{port}"}
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "portal.buckets.Bucket", "OPTIONS": options}
    }


def test_a_bucket_that_does_not_answer_is_said_and_breaks_nothing(
    dana, client_of, settings, request
):
    work_order = make_accepted(dana, parts_required=False)
    file = add(work_order, dana)
    request.getfixturevalue("away")
    with pytest.raises(NotStored, match="Try again later"):
        add(work_order, dana)
    answer = client_of(dana).get(address(file))
    assert (answer.status_code, answer.content) == (
        503,
        b"This file cannot be read now. Try again later.",
    )
    assert (File.objects.get(), len(in_storage())) == (file, 2)
    with pytest.raises(OSError, match="Could not connect"):
        storages["default"].listdir("")
