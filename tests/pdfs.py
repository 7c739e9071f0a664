"""The smallest PDFs that are whole, or not quite."""

OBJECTS = (
    b"1 0 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\n"
    b"2 0 obj\n<</Type /Pages /Kids [] /Count 0>>\nendobj\n"
)


def pdf(
    trailer: bytes = b"", version: bytes = b"1.7", *, as_stream: bool = False, body: bytes = OBJECTS
) -> bytes:
    start = b"%PDF-" + version + b"\n" + body
    facts = b"<</Size 3 /Root 1 0 R" + trailer + b">>"
    if as_stream:
        end = b"3 0 obj\n" + facts[:-2] + b" /Type /XRef>>\nstream\n\0\0\nendstream\nendobj\n"
    else:
        end = b"xref\n0 1\n0000000000 65535 f \ntrailer\n" + facts + b"\n"
    return start + end + b"startxref\n%d\n%%%%EOF\n" % len(start)
