"""Python under faketime: with a real monotonic clock its sleep is refused (EINVAL, libfaketime
0.9.10), with a faked one its locks never time out. So it waits by select.
"""

import select
import time


def sleep(seconds: float) -> None:
    select.select([], [], [], max(0.0, float(seconds)))


time.sleep = sleep
