"""The largest photos that are taken, in a process of their own: how much memory each needs."""

import json
import subprocess
import sys

import pytest
from PIL import Image

from workorders.services.files.photos import LARGEST_CMYK, LARGEST_PIXELS, LARGEST_WEBP

pytestmark = [pytest.mark.once, pytest.mark.slow]

MEBIBYTES = 400  # at most, beyond what the process had before
READ = r"""
import json, re, sys
import django
django.setup()
from workorders.services.files.photos import read_picture
def highest():  # of this process alone: getrusage begins with that of the one which started it
    return int(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1])
data = open(sys.argv[1], "rb").read()
before = highest()
picture = read_picture(data)
print(json.dumps([picture.width, (highest() - before) // 1024]))
"""
PHOTOS = [
    ("JPEG", "RGB", LARGEST_PIXELS, 8000, {}),
    ("PNG", "RGBA", LARGEST_PIXELS, 50_000, {}),
    *(
        pytest.param(*photo, marks=pytest.mark.nightly)
        for photo in [
            ("JPEG", "RGB", LARGEST_PIXELS, 8000, {"progressive": True, "subsampling": 0}),
            ("JPEG", "CMYK", LARGEST_CMYK, 8000, {"progressive": True, "subsampling": 0}),
            ("PNG", "RGBA", LARGEST_PIXELS, 8000, {}),
            ("HEIF", "RGBA", LARGEST_PIXELS, 8000, {}),
            ("WEBP", "RGBA", LARGEST_WEBP, 16_000, {"lossless": True}),
        ]
    ),
]


@pytest.mark.parametrize(("kind", "mode", "pixels", "width", "options"), PHOTOS)
def test_the_largest_photo_needs_little_memory(tmp_path, kind, mode, pixels, width, options):
    path = tmp_path / "photo"
    Image.new(mode, (width, pixels // width), "red").save(path, kind, **options)
    command = [sys.executable, "-c", READ, str(path)]
    width, needed = json.loads(subprocess.check_output(command, text=True))
    assert (width, needed <= MEBIBYTES) == (2048, True), f"{needed} MiB"
