"""What went wrong in other systems with uploads: the tests of tests/defects.csv
that belong to no other module.
"""

import ast
import os
import random
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from tests import ROOT
from tests.factories import make_accepted
from tests.workorders.uploads import in_storage, upload
from workorders import tasks
from workorders.models import File
from workorders.services.files import storage

pytestmark = pytest.mark.once

UPLOADER = """
import os, sys, time, uuid
import django
django.setup()
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
settings.MEDIA_ROOT = sys.argv[1]
connection.settings_dict["NAME"] = sys.argv[2]
from portal.people.models import User
from workorders.models import WorkOrder
from workorders.services import add_file
photo = sys.stdin.buffer.read()

def keep():
    work_order, person = WorkOrder.objects.with_facts().get(), User.objects.get()
    add_file(work_order, SimpleUploadedFile("a.jpg", photo), upload_key=uuid.uuid4(), by=person)

if not (child := os.fork()):  # how long does one take here?
    keep()
    began = time.monotonic()
    keep()
    print(time.monotonic() - began, flush=True)
    os._exit(0)
os.waitpid(child, 0)
for _ in range(int(sys.argv[3])):
    if not (child := os.fork()):
        connection.ensure_connection()
        print(os.getpid(), flush=True)
        while True:
            keep()
    os.waitpid(child, 0)
"""


@pytest.mark.live
@pytest.mark.slow
def test_killed_again_and_again_no_row_is_without_its_file_and_the_rest_is_deleted(
    full_size, real_transactions, dana, monkeypatch
):
    """At whatever moment: each of many processes uploads one photo after the other until it is
    killed.
    """
    make_accepted(dana, parts_required=False)
    moments = random.Random(7)
    known = [
        settings.MEDIA_ROOT,
        str(connection.settings_dict["NAME"]),
        str(50 if full_size else 15),
    ]
    with subprocess.Popen(
        [sys.executable, "-c", UPLOADER, *known],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings"},
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(upload().read())
        process.stdin.close()
        seconds = float(process.stdout.readline())
        for line in process.stdout:
            time.sleep(moments.uniform(0, 3 * seconds))
            os.kill(int(line), signal.SIGKILL)
    assert process.returncode == 0
    rows = sorted(name for file in File.objects.all() for name in file.stored_names)
    left = [name for name in in_storage() if name not in rows]
    assert rows
    assert left or not full_size  # of few kills none may fall between file and row
    assert set(rows) - set(in_storage()) == set()
    now = timezone.now()
    monkeypatch.setattr(storage.timezone, "now", lambda: now + storage.AGE)
    tasks.clean_up_storage.call_local()
    assert in_storage() == rows


def test_no_archive_is_ever_opened():
    """What comes as one is no photo and no PDF. A workbook is one: it is measured before it is
    read, and written by the exports.
    """
    code = {path for room in ("portal", "workorders") for path in (ROOT / room).rglob("*.py")}
    of_workbooks = ("services/importing/workbook_rows.py", "exports/workbooks.py")
    code -= {ROOT / "workorders" / name for name in of_workbooks}
    nodes = [node for path in code for node in ast.walk(ast.parse(path.read_text()))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    assert "csv" in names
    assert (
        names
        & {"zipfile", "tarfile", "gzip", "bz2", "lzma", "zipimport", "unpack_archive", "extractall"}
        == set()
    )
