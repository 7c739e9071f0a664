"""Types of the commands' options."""

import datetime as dt
import re
from argparse import ArgumentTypeError

LARGEST = 2**63 - 1  # the largest possible id


def whole(text: str, *, least: int = 0, most: int = LARGEST) -> int:
    if not re.fullmatch(r"[0-9]{1,19}", text) or not least <= int(text) <= most:
        raise ArgumentTypeError(f"{text!r} is not a number from {least} to {most}")
    return int(text)


def positive(text: str) -> int:
    return whole(text, least=1)


def iso_date(text: str) -> dt.date:
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise ArgumentTypeError(f"{text!r} is not a date: write YYYY-MM-DD")
