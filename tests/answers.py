"""What went wrong elsewhere, answered line by line: with the tests that show it cannot here, or why it cannot arise."""

from pathlib import Path

TESTS = Path(__file__).parent
Answer = str | tuple[str, ...]  # each "file::test", or "design: " and a sentence


def missing(answer: Answer) -> list[str]:
    """The tests it names that do not exist."""
    return [named for named in ([answer] if isinstance(answer, str) else answer) if not _stands(named)]


def _stands(named: str) -> bool:
    if named.startswith("design: "):
        return True
    file, _, test = named.partition("::")
    return f"\ndef {test}(" in (TESTS / file).read_text()
