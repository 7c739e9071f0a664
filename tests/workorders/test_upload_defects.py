"""What goes wrong with uploads elsewhere, line by line: the test that it cannot here, or why it cannot arise.

ANSWERS is the table; below it the tests that belong to no other module.
"""

import ast
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from tests.answers import missing
from tests.factories import make_accepted
from tests.workorders.uploads import in_storage, upload
from workorders import tasks
from workorders.models import File
from workorders.services import storing

ROOT = Path(__file__).parents[2]
HERE, SERVER = "workorders/test_upload_defects.py", "workorders/test_uploads_at_the_server.py"
FILES, STORING = "workorders/test_files.py", "workorders/services/test_storing.py"
PICTURES, SCANNING = "workorders/test_pictures.py", "workorders/services/test_scanning.py"
CUT = "workorders/test_cut_uploads.py"

ANSWERS = {
    "C1": f"{FILES}::test_twelve_hostile_files_are_refused_one_by_one_and_leave_nothing",
    "C2": f"{PICTURES}::test_nothing_but_pixels_comes_through",
    "C4": f"{SERVER}::test_fifty_large_photos_at_once_take_little_memory_and_shut_nobody_out",
    "C5": (
        f"{CUT}::test_what_is_cut_half_way_is_not_done_and_what_is_sent_again_is_done_once",
        f"{SERVER}::test_body_without_a_length_keeps_nothing_and_leaves_nothing",
        f"{FILES}::test_of_a_part_in_base64_no_more_is_decoded_than_tells_that_it_is_too_large",
        f"{FILES}::test_a_hundred_and_one_parts_are_refused",
        f"{FILES}::test_no_name_finds_its_way_into_the_storage",
        f"{STORING}::test_of_the_name_only_what_can_be_shown_is_kept",
    ),
    "C6": (
        f"{FILES}::test_a_file_is_sent_as_what_it_is_and_can_do_nothing",
        f"{FILES}::test_another_partners_file_is_not_there",
    ),
    "C7": (
        f"{PICTURES}::test_nothing_but_pixels_comes_through",
        f"{PICTURES}::test_a_photo_is_turned_upright",
        f"{PICTURES}::test_the_cameras_clock_is_kept_as_a_fact",
    ),
    "C8": (
        f"{SERVER}::test_no_address_leads_into_the_storage",
        f"{FILES}::test_a_file_that_is_not_for_him_is_not_there",
    ),
    "C9": (
        f"{FILES}::test_over_the_quota_answers_413",
        f"{STORING}::test_eight_at_the_edge_never_exceed_the_quota",
    ),
    "C10": (
        f"{HERE}::test_killed_fifty_times_no_row_is_without_its_file_and_the_rest_is_swept",
        f"{CUT}::test_killed_between_file_and_row_it_leaves_no_row_and_the_sweep_takes_the_file",
        f"{STORING}::test_the_file_is_on_disk_before_its_row",
    ),
    "C11": (
        f"{SCANNING}::test_what_is_found_is_held_back_from_everyone_and_told",
        f"{SCANNING}::test_while_the_scanner_is_away_nothing_is_clean",
    ),
    "C12": (
        f"{HERE}::test_no_archive_is_ever_opened",
        f"{FILES}::test_twelve_hostile_files_are_refused_one_by_one_and_leave_nothing",
    ),
}
KILLS = 50
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


@pytest.mark.parametrize("number", ANSWERS)
def test_answer_names_tests_that_exist_or_a_reason(number):
    assert missing(ANSWERS[number]) == []


def test_killed_fifty_times_no_row_is_without_its_file_and_the_rest_is_swept(real_transactions, dana, monkeypatch):
    """At whatever moment: each of fifty processes uploads one photo after the other until it is killed."""
    make_accepted(dana, parts_required=False)
    moments = random.Random(7)
    known = [settings.MEDIA_ROOT, str(connection.settings_dict["NAME"]), str(KILLS)]
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
    assert (bool(rows), bool(left), set(rows) - set(in_storage())) == (True, True, set())
    now = timezone.now()
    monkeypatch.setattr(storing.timezone, "now", lambda: now + storing.AGE)
    tasks.sweep_storage.call_local()
    assert in_storage() == rows


def test_no_archive_is_ever_opened():
    """What comes as one is no photo and no PDF; an import is plain text."""
    code = [path for room in ("portal", "workorders") for path in (ROOT / room).rglob("*.py")]
    nodes = [node for path in code for node in ast.walk(ast.parse(path.read_text()))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    assert "csv" in names
    assert names & {"zipfile", "tarfile", "gzip", "bz2", "lzma", "zipimport", "unpack_archive", "extractall"} == set()
