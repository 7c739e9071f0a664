"""Commands whose process is killed, or whose output nobody reads any longer."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests import ROOT
from tests.processes import database_url
from tests.workorders.services.importing.import_files import as_csv, prepare, sample
from workorders.models import LedgerEntry, WorkOrder

pytestmark = pytest.mark.nightly
ROWS, KILLS = 350, 3


def test_the_same_command_finishes_a_killed_import(real_transactions, tmp_path):
    prepare()
    first = sample("work_orders")[0] | {"assigned_on": "2026-03-02", "accepted_on": ""}
    rows = [
        first | {"number": f"WO-01{n:06}", "case_number": f"{n}", "station_serial": f"S-{n}"}
        for n in range(ROWS)
    ]
    path = tmp_path / "rows.csv"
    path.write_bytes(as_csv(rows))
    command = [sys.executable, "manage.py", "import_work_orders", str(path)]
    env = os.environ | {"DEBUG": "1", "DATABASE_URL": database_url()}
    found = [0]
    for _ in range(KILLS):
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, start_new_session=True, stderr=subprocess.DEVNULL
        )
        while WorkOrder.objects.count() == found[-1] and process.poll() is None:
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        found.append(WorkOrder.objects.count())
    said = subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True)
    there, new = found[-1], ROWS - found[-1]
    assert 0 < found[1] < ROWS
    assert said.stdout == f"{new} created, 0 updated, {there} unchanged\n"
    assert (WorkOrder.objects.count(), LedgerEntry.objects.count()) == (ROWS, ROWS)
    exported = f"{sys.executable} manage.py export_work_orders | head -1"
    read = subprocess.run(["bash", "-c", exported], cwd=ROOT, env=env, capture_output=True)
    assert (read.stdout.count(b"\n"), read.stderr) == (1, b"")  # a pipe that is closed is no error
