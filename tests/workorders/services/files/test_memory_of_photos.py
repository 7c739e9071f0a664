"""The largest photos that are taken, in a process of their own: how much memory each needs."""

import json
import subprocess
import sys

import pytest
from PIL import Image

from workorders.services.files.photos import LARGEST_PIXELS, LARGEST_WEBP

pytestmark = [pytest.mark.once, pytest.mark.slow]

MEBIBYTES = 400  # at most, beyond what the process had before
WIDTH = 8000
READ = """
import json, resource, sys
import django
django.setup()
from workorders.services.files.photos import read_picture
data = open(sys.argv[1], "rb").read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
picture = read_picture(data)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([picture.width, (after - before) // 1024]))
"""
PHOTOS = [
    ("JPEG", "RGB", LARGEST_PIXELS),
    ("PNG", "RGBA", LARGEST_PIXELS),
    pytest.param("HEIF", "RGB", LARGEST_PIXELS, marks=pytest.mark.nightly),
    pytest.param("WEBP", "RGBA", LARGEST_WEBP, marks=pytest.mark.nightly),
]


@pytest.mark.parametrize(("kind", "mode", "pixels"), PHOTOS)
def test_the_largest_photo_needs_little_memory(tmp_path, kind, mode, pixels):
    path = tmp_path / "photo"
    Image.new(mode, (WIDTH, pixels // WIDTH), "red").save(path, kind)
    command = [sys.executable, "-c", READ, str(path)]
    width, needed = json.loads(subprocess.check_output(command, text=True))
    assert (width, needed <= MEBIBYTES) == (2048, True), f"{needed} MiB"
