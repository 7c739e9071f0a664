"""Numbers in the order of their value, on both databases: WO-2 before WO-10."""

from django.db import models
from django.db.models import Func

DIGITS = "0123456789"
LONGEST = 30  # characters of a number
LENGTHS = "".join(f"{length:02}" for length in range(LONGEST + 1))


def by_value(number: str) -> str:
    """`ByValue` of a number, to compare with it."""
    before = number.rstrip(DIGITS)
    digits = number[len(before) :]
    value = digits.lstrip("0")
    return f"{before}{len(value):02}{value}{digits[: len(digits) - len(value)]}"


# --- The same in SQL
NUMBER = "%(expressions)s"
BEFORE = f"RTRIM({NUMBER}, '{DIGITS}')"
AT_END = f"SUBSTR({NUMBER}, LENGTH({BEFORE}) + 1)"
VALUE = f"LTRIM({AT_END}, '0')"
LENGTH = f"SUBSTR('{LENGTHS}', 2 * LENGTH({VALUE}) + 1, 2)"
ZEROS = f"SUBSTR({AT_END}, 1, LENGTH({AT_END}) - LENGTH({VALUE}))"


class ByValue(Func):
    """The key that sorts a column of numbers by the value of the digits at their end.

    How many digits the value has comes before them, and its leading zeros behind: WO-0042 is
    WO-024200. So the key of each number is another one, and no digits are lost.
    """

    arity = 1
    output_field = models.TextField()
    template = f"({BEFORE} || {LENGTH} || {VALUE} || {ZEROS})"
