"""Photos of 12 megapixels: the processor's time of each, and what memory grows by while four come
in at once.

Run by `make bench`. Ends with exit status 1 when a demand is missed: under 1 s each, under 150 MiB.
"""

import io
import resource
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

SIZE = (4000, 3000)
ROUNDS = 9
MIB = 1024  # ru_maxrss is in KiB


def main() -> int:
    """The photo is made in a process of its own, so that the memory measured is the decoding's
    alone.
    """
    made = subprocess.run(
        [sys.executable, "-m", __spec__.name, "--make"], stdout=subprocess.PIPE, check=True
    ).stdout
    from workorders.services.files.photos import read_picture

    read_picture(photo((8, 8)))  # what loading the library takes is not counted
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(read_picture, [made] * 4))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / MIB
    seconds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        read_picture(made)
        seconds.append(time.process_time() - start)
    each = statistics.median(seconds)
    print(
        f"\nA photo of {SIZE[0]} × {SIZE[1]}, {len(made) / 2**20:.1f} MiB, decoded, shrunk and"
        " written anew\n"
    )
    print(f"    under 1 s of processor time each: {each:.2f} s, {'ok' if each < 1 else 'MISSED'}")
    print(
        f"    four at once grow memory by under 150 MiB: {grown:.0f} MiB,"
        f" {'ok' if grown < 150 else 'MISSED'}"
    )
    return int(each >= 1 or grown >= 150)


def photo(size: tuple[int, int]) -> bytes:
    from PIL import Image

    written = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # lying on its side
    Image.effect_noise((size[0] // 4, size[1] // 4), 60).convert("RGB").resize(size).save(
        written, "JPEG", quality=92, exif=exif
    )
    return written.getvalue()


if __name__ == "__main__":
    if sys.argv[1:] == ["--make"]:
        sys.stdout.buffer.write(photo(SIZE))
    else:
        sys.exit(main())
