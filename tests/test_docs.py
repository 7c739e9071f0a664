"""What docs/ says is there: rules that are cited, links, documents, and the table of who may do
what.
"""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from portal.people.roles import DISPATCHING, Role
from tests import ROOT
from workorders.models.notifications import ROUTING, Timing
from workorders.states import ACTIVE, ENDED, OPEN, RULES, DelayReason, Status

pytestmark = pytest.mark.once

RULEBOOK = (ROOT / "docs/rules.md").read_text()
RULES_OF_THE_HOUSE = (ROOT / "docs/architecture.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
CITATION = re.compile(r"docs/rules\.md,\s+rules?\s+([0-9]+(?:, [0-9]+)*(?:\s+and\s+[0-9]+)?)")
TESTS = re.compile(r"^def (test_\w+)\(", re.MULTILINE)
CHAPTER = re.compile(r"docs/rules\.md,\s+\"([^\"]+)\"")
WORDS = {  # what the table of who may do what calls statuses
    "any": frozenset(Status),
    "any but Assigned": frozenset(Status) - {Status.ASSIGNED},
    "open": OPEN,
    "open but Assigned": OPEN - {Status.ASSIGNED},
    "up to In Progress": ACTIVE,
    "ended": ENDED,
}


FOLDERS = {".ci", "docs", "portal", "requirements", "sla", "static", "templates", "tests"}
FOLDERS |= {"workorders"}


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    return listed.stdout.splitlines()


def tracked_texts() -> dict[str, str]:
    """The text of every tracked file that people write."""
    kinds = (".py", ".md", ".html", ".txt", ".css", ".js", ".toml", "Makefile")
    names = [name for name in tracked() if name.endswith(kinds)]
    return {name: (ROOT / name).read_text() for name in names if (ROOT / name).exists()}


def test_no_other_folder_is_kept():
    """What a trial by hand leaves behind, a mail say, is no part of the project."""
    assert {name.partition("/")[0] for name in tracked() if "/" in name} == FOLDERS


TEXTS = tracked_texts()


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    plain = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return plain.replace(" ", "-")


def headings(page: Path) -> list[str]:
    return re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)


def rows_of(chapter: str) -> list[list[str]]:
    """The cells of the first table below this heading, without its head."""
    below = RULEBOOK.split(f"## {chapter}\n")[1]
    table = re.search(r"(?:^\|.*\n)+", below, re.MULTILINE)
    assert table
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table[0].splitlines()[2:]
    ]


def test_there_are_eight_rules():
    numbers = [
        int(number) for number in re.findall(r"^## Rule ([0-9]+)\. ", RULEBOOK, re.MULTILINE)
    ]
    assert numbers == list(range(1, 9))


def test_each_rule_cited_exists():
    cited = [
        (name, number)
        for name, text in TEXTS.items()
        for found in CITATION.findall(text)
        for number in re.findall("[0-9]+", found)
    ]
    assert len(cited) > 30
    assert [
        (name, number) for name, number in cited if f"\n## Rule {number}. " not in RULEBOOK
    ] == []


def test_each_chapter_cited_exists():
    cited = [(name, title) for name, text in TEXTS.items() for title in CHAPTER.findall(text)]
    assert cited
    assert [
        (name, title) for name, title in cited if title not in headings(ROOT / "docs/rules.md")
    ] == []


def test_a_rule_is_cited_with_its_document():
    """One form everywhere, so that a search finds all."""
    bare = re.compile(r"(?<!docs/rules\.md, )(?<!docs/rules\.md,\n)\b[Rr]ules? [0-9]")
    here = ("docs/", "tests/test_docs.py")
    found = {
        name: bare.findall(re.sub(r"\n\s+", "\n", text))
        for name, text in TEXTS.items()
        if not name.startswith(here)
    }
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize("document", PAGES, ids=lambda document: document.name)
def test_each_link_leads_to_something(document):
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path) if path else document
        if not target.exists() or (anchor and anchor not in map(slug, headings(target))):
            broken.append(link)
    assert broken == []


def test_no_text_cites_a_document_that_is_not_here():
    """A name in capitals or below docs/ that ends with .md is a document of this repository."""
    cited = re.compile(r"\b(?:[A-Z][A-Z-]+|docs/[\w/-]+)\.md\b")
    known = (
        {path.name for path in PAGES} | {"CHANGELOG.md"} | {f"docs/{page.name}" for page in PAGES}
    )
    found = {name: set(cited.findall(text)) - known for name, text in TEXTS.items()}
    assert {name: names for name, names in found.items() if names} == {}


def test_no_text_cites_a_line_of_a_list_that_is_not_here():
    """Such as "G14", or an issue's number: say what it is about."""
    number = re.compile(r"(?:\"\"\"|# )[A-H][0-9]{1,2}\b[.,:) ]|\b[Ii]ssue #?[0-9]+")
    here = ("tests/test_docs.py", "CHANGELOG.md")
    found = {name: number.findall(text) for name, text in TEXTS.items() if name not in here}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize("document", PAGES, ids=lambda document: document.name)
def test_each_file_and_test_named_exists(document):
    """A path begins at the top or in workorders/."""
    text = document.read_text()
    paths = set(re.findall(r"[\w./-]+\.(?:py|html|css|js|toml)\b", text))
    rooms = ROOT, ROOT / "workorders"
    tests = {
        name
        for path, text in TEXTS.items()
        if path.startswith("tests/")
        for name in TESTS.findall(text)
    }
    assert [path for path in paths if not any((room / path).exists() for room in rooms)] == []
    assert set(re.findall(r"\btest_\w+(?!\.py|\w|/)", text)) - tests == set()


def test_each_name_of_the_architecture_is_defined():
    """Of a constant, a class or a function."""
    cited = set(re.findall(r"`_?(?:[\w.]+\.)?(\w+)(?:\([^`]*\))?`", RULES_OF_THE_HOUSE))
    names = {name for name in cited if "_" in name or not name.islower()}
    code = "\n".join(text for name, text in TEXTS.items() if name.endswith(".py"))
    defined = set(re.findall(r"^ *(?:def |class )?_?(\w+)(?: *=|: |\(|:$)", code, re.MULTILINE))
    rooms = {path.stem for path in (ROOT / "workorders").rglob("*")}
    known = rooms | {name.strip("_") for name in defined}
    assert {name.strip("_") for name in names} - known == set()


# --- Tables of docs/rules.md that the code holds as well
def test_statuses_are_those_of_the_code():
    assert [(row[0], row[1].strip("`")) for row in rows_of("Statuses")] == [
        (s.label, s.value) for s in Status
    ]


def test_reasons_are_those_of_the_code():
    table = [(row[0], row[1].strip("`")) for row in rows_of("The nine reasons for delay")]
    assert table == [(reason.label, reason.value) for reason in DelayReason]


def statuses(cell: str) -> frozenset[Status]:
    labels = {status.label: frozenset({status}) for status in Status}
    return frozenset().union(*((WORDS | labels)[name] for name in re.split(", ", cell)))


def test_who_may_do_what_is_the_table_of_the_code():
    table = {}
    for _, verb, dispatching, technician, staff, where, _ in rows_of("Who may do what"):
        roles = {role for role in DISPATCHING if dispatching == "yes"}
        roles |= {Role.TECHNICIAN} if technician == "yes" else set()
        roles |= {Role.STAFF} if staff == "yes" else set()
        everyone, _, beyond = where.partition("; staff: ")
        beyond = statuses(beyond) - statuses(everyone) if beyond else frozenset()
        begun = {Role.TECHNICIAN} if technician == "visit" else set()
        table[verb.strip("`")] = (roles, statuses(everyone), beyond, begun)
    code = {
        verb.value: (set(rule.who), rule.sources, rule.staff_too, set(rule.once_begun))
        for verb, rule in RULES.items()
    }
    assert table == code


def test_what_an_action_leads_to_is_in_the_table():
    leads = {row[1].strip("`"): row[6] for row in rows_of("Who may do what")}
    assert [verb for verb, rule in RULES.items() if rule.to and rule.to.label != leads[verb]] == []


# --- docs/notifications.md
WHEN = {Timing.AT_ONCE: "at once", Timing.DIGEST: "digest"}


def notification_table() -> str:
    """Who is notified of what, and when, unless they chose otherwise."""
    lines = ["| About | Dispatcher, manager | Technician | Staff |", "|---|---|---|---|"]
    for kind, route in ROUTING.items():
        when = WHEN[route.timing]
        cells = [
            when if roles & route.roles else "–"
            for roles in (DISPATCHING, {Role.TECHNICIAN}, {Role.STAFF})
        ]
        lines.append(f"| {kind.label} | {' | '.join(cells)} |")
    return "\n".join(lines)


def test_table_of_notifications_is_what_the_code_does():
    document = (ROOT / "docs/notifications.md").read_text()
    assert notification_table() in document


# --- The glossary
# Of one place each, whose docstrings say enough: what queries are made of, ...
QUERYING = {
    "Among",
    "AmongFound",
    "AmongKeys",
    "AppointmentQuerySet",
    "DepotQuerySet",
    "FileQuerySet",
    "LineItemQuerySet",
    "Moved",
    "NotificationQuerySet",
    "PastAssignmentQuerySet",
    "Seconds",
    "ShipmentQuerySet",
    "WaitQuerySet",
    "WorkOrderQuerySet",
}
# ... what `manage.py setup` begins with, and as much of a work order as many notices need, ...
STARTING = {"Carrier", "Territory", "WorkOrderRef"}
# ... and how the stories of the demo are told.
SEEDING = {
    "Cast",
    "Copier",
    "Copy",
    "Place",
    "Props",
    "Scenario",
    "Seeded",
    "Story",
    "StoryUnitOfWork",
    "Task",
    "Spot",
    "World",
}
NOT_WORDS = QUERYING | STARTING | SEEDING
ROOMS = ("models", "services", "targets", "history", "fieldwork", "scorecard", "exports")


def public_classes() -> dict[str, str]:
    """The classes that these rooms and states define, and where."""
    modules = [
        ROOT / "workorders/states.py",
        *(path for room in ROOMS for path in (ROOT / "workorders" / room).rglob("*.py")),
    ]
    return {
        node.name: str(path.relative_to(ROOT))
        for path in modules
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    }


GLOSSARY = (ROOT / "docs/glossary.md").read_text()


def test_each_class_below_the_pages_is_in_the_glossary():
    explained = set(re.findall(r"`(\w+)[`.]", GLOSSARY))
    assert {
        name: path for name, path in public_classes().items() if name not in explained | NOT_WORDS
    } == {}


def test_no_exempt_class_is_in_vain():
    assert NOT_WORDS - public_classes().keys() == set()


def test_each_name_in_the_glossary_is_in_the_code():
    names = set(re.findall(r"`([A-Za-z_]\w+)[`.(]", GLOSSARY))
    code = " ".join(
        text for path, text in TEXTS.items() if path.startswith(("sla/", "portal/", "workorders/"))
    )
    assert names - set(re.findall(r"\w+", code)) == set()


def test_each_word_has_one_line_in_the_glossary():
    rows = [line.split("|")[1] for line in GLOSSARY.splitlines() if line.startswith("| ")]
    words = [
        word.strip()
        for row in rows
        for word in row.split(",")
        if word.strip() not in ("word", "---")
    ]
    assert sorted({word for word in words if words.count(word) > 1}) == []
