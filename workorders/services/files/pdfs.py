"""Tells a PDF by its structure (ISO 32000, 7.5); what is cut off or encrypted is refused with a
sentence.
"""

import re

HEADER = re.compile(rb"%PDF-[12]\.\d")
HEADER_WITHIN = 1024  # bytes; readers look no further
END_WITHIN = 2048  # bytes; some senders add a few of their own
LAST_XREF = re.compile(rb"startxref\s+(\d+)\s+%%EOF")
PICTURES = (b"\xff\xd8", b"\x89PNG", b"RIFF")  # which may have a PDF's header in their metadata
INSTEAD = "Send it anew, or send a photo of each page"


class NotAPDF(Exception):
    """The PDF is refused; the message tells the user why."""


def is_pdf(data: bytes) -> bool:
    """Whether it says that it is one, also after bytes of something else."""
    return not data.startswith(PICTURES) and HEADER.search(data, 0, HEADER_WITHIN) is not None


def read_pdf(data: bytes) -> bytes:
    """The PDF without what precedes it. Raises NotAPDF."""
    header = HEADER.search(data, 0, HEADER_WITHIN)
    if header is None:
        raise NotAPDF(f"This is no PDF. {INSTEAD}.")
    pdf = data[header.start() :]
    end = list(LAST_XREF.finditer(pdf, max(0, len(pdf) - END_WITHIN)))
    if not end or b"endobj" not in pdf:
        raise NotAPDF(f"This PDF is incomplete: its end is missing. {INSTEAD}.")
    if b"/Encrypt" in _trailer(pdf, int(end[-1][1])):
        raise NotAPDF(
            "This PDF is encrypted. Save it without a password, by printing it to a PDF, or send a"
            " photo of each page."
        )
    return pdf


def _trailer(pdf: bytes, offset: int) -> bytes:
    """The dictionary that says how the PDF is read; all of it where that cannot be found."""
    section = pdf[offset:]
    if section.startswith(b"xref"):
        return section[section.find(b"trailer") : section.find(b"startxref")]
    if re.match(rb"\d+\s+\d+\s+obj", section):
        return section[: section.find(b"stream")]
    return pdf
