"""Texts compared as people read them: case, blanks and invisible characters make no difference."""

import re
import unicodedata

_BLANKS = re.compile(r"\s+")
# shown as nothing wherever they stand; those that shape letters (U+200C, U+200D) are left alone
_INVISIBLE = "\xad\u061c\u180e\u200b\u200e\u200f\u2060\ufeff" + "".join(
    map(chr, [*range(0x202A, 0x202F), *range(0x2061, 0x2070)])
)
_OUTSIDE = _INVISIBLE + "".join(filter(str.isspace, map(chr, range(0x3001))))
_WITHOUT_INVISIBLE = dict.fromkeys(map(ord, _INVISIBLE))


def trimmed(text: str) -> str:
    """The text without blanks and invisible characters around it."""
    return text.strip(_OUTSIDE)


def visible(text: str) -> str:
    """The text as it looks: without invisible characters, and with single plain blanks."""
    return _BLANKS.sub(" ", text.translate(_WITHOUT_INVISIBLE)).strip()


def fold(text: str) -> str:
    """What is left to compare; equal for texts that look the same but for case and blanks."""
    if text.isascii():
        return "".join(text.split()).casefold()
    letters = unicodedata.normalize("NFC", text).casefold()
    seen = (letter for letter in letters if not _is_unseen(letter))
    return unicodedata.normalize("NFC", "".join(seen))


def is_blank(text: str) -> bool:
    return not text or all(map(_is_unseen, text))


def _is_unseen(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter) == "Cf"
