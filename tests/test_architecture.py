"""Rules of the house that a machine can check."""

import ast
import functools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests import ROOT
from tests.workorders.every_action import ACTIONS
from tests.workorders.status_matrix import rows
from workorders.models.notifications import Kind
from workorders.states import RULES, Verb

pytestmark = pytest.mark.once

CODE = [path for room in ("sla", "portal", "workorders") for path in (ROOT / room).rglob("*.py")]
TESTS = list((ROOT / "tests").rglob("*.py"))
TEMPLATES = [path for path in (ROOT / "templates").rglob("*.*") if path.is_file()]
WRITTEN_BY_HAND = [path for path in CODE if "migrations" not in path.parts]
LITERALS = (ast.Tuple, ast.List, ast.Set)


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def broken(rule: Callable[[Path], Iterable[str]], paths: list[Path]) -> dict[str, list[str]]:
    """By file, what is against the rule."""
    found = {str(path.relative_to(ROOT)): list(rule(path)) for path in paths}
    return {name: wrong for name, wrong in found.items() if wrong}


def sets_status(node: ast.AST) -> bool:
    """A work order's status written: `x.status = …`, `work.set(status=…)`, or
    `.update(status=…)`.
    """
    if isinstance(node, ast.Assign):
        return any(
            isinstance(target, ast.Attribute) and target.attr == "status" for target in node.targets
        )
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("set", "update")
    ):
        return any(keyword.arg == "status" for keyword in node.keywords)
    return False


def test_only_transitions_writes_a_status():
    writers = {path.name for path in CODE for node in ast.walk(tree_of(path)) if sets_status(node)}
    assert writers == set()  # transitions itself writes it together with what changes with it


def test_transitions_does_write_it():
    assert '"status": to' in (ROOT / "workorders/services/transitions.py").read_text()


def too_long(path: Path) -> Iterator[str]:
    if (lines := len(path.read_text().splitlines())) > 350:
        yield f"{lines} lines"
    for node in ast.walk(tree_of(path)):
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if is_function and node.end_lineno - node.lineno >= 50:
            yield node.name


def test_sizes():
    assert broken(too_long, WRITTEN_BY_HAND) == {}


def test_sizes_of_tests():
    """A module alone is held to its size: a test may be as long as what it tells."""
    sizes = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in TESTS}
    assert {name: size for name, size in sizes.items() if size > 350} == {}


def packed(tree: ast.AST) -> Iterator[str]:
    """What makes code short but hard to read, each with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Starred) and isinstance(node.value, LITERALS):
            yield f"{node.lineno}: splat of a literal"
        elif is_repeated_on_condition(node):
            yield f"{node.lineno}: text or list times a condition"
        elif isinstance(node, ast.IfExp) and any(
            isinstance(inner, ast.IfExp) for inner in ast.walk(node) if inner is not node
        ):
            yield f"{node.lineno}: conditional inside a conditional"
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names = [arg.arg for arg in node.args.posonlyargs + node.args.args]
            if len([name for name in names if name not in ("self", "cls")]) > 5:
                yield f"{node.lineno}: {node.name} has more than five positional parameters"


def is_repeated_on_condition(node: ast.AST) -> bool:
    """`"s" * (count != 1)`; repeating by a number that is written out, as in "-" * 80, is fine."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult):
        return False
    sides = (node.left, node.right)
    is_text = any(
        isinstance(side, (*LITERALS, ast.JoinedStr))
        or (isinstance(side, ast.Constant) and isinstance(side.value, str))
        for side in sides
    )
    is_number = any(
        isinstance(side, ast.Constant) and isinstance(side.value, int) for side in sides
    )
    return is_text and not is_number


def test_code_is_not_packed():
    assert broken(lambda path: packed(tree_of(path)), WRITTEN_BY_HAND) == {}


def test_packed_code_is_found():
    source = """
draw(*("a", "b"))
rows = [*[1, 2], 3]
word = "row" + "s" * (count != 1)
kind = "a" if one else "b" if two else "c"
def f(a, b, c, d, e, g): ...
line = "-" * 80
def method(self, a, b, c, d, e, *, g): ...
plain = [*rows, 3]
"""
    assert [line.partition(":")[0] for line in packed(ast.parse(source))] == [
        "6",
        "5",
        "2",
        "3",
        "4",
    ]


BLOCK = re.compile(
    r"<(?:article|caption|d[dlt]|details|dialog|div|fieldset|footer|form|h[1-6]|header|label|legend|li|main|nav|ol|p"
    r"|section|select|table|tbody|td|th|thead|tr|ul)\b"
)


def inline(path: Path) -> list[str]:
    text = path.read_text()
    if path.parent.name == "mails":
        text = text.replace(" style=", " ")  # a mail brings no sheet along
    return re.findall(
        r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|hx-on|javascript:|\|safe", text
    )


def test_templates_hold_no_style_script_or_handler():
    assert broken(inline, TEMPLATES) == {}


def hard_to_read(path: Path) -> Iterator[str]:
    """Long lines, long files, and two blocks in a line."""
    text = path.read_text()
    lines = text.splitlines()
    yield from (line for line in lines if len(line) > 160 or len(BLOCK.findall(line)) > 1)
    if len(lines) > 200 or len(text.encode()) > 6000:
        yield f"{len(lines)} lines, {len(text.encode())} bytes"


def test_templates_can_be_read():
    assert broken(hard_to_read, TEMPLATES) == {}


def rules_in(path: Path) -> list[str]:
    conditions = re.findall(r"{% (?:el)?if (.*?) %}", path.read_text())
    return [each for each in conditions if re.search(r"[=<>|]| is ", each)]


def test_templates_hold_no_rule():
    """They ask what has a name: nothing is compared, computed or looked up in a condition."""
    assert broken(rules_in, TEMPLATES) == {}


def test_every_address_of_work_orders_is_a_view_that_fetches_or_lists():
    """A view of one work order is wrapped by `work_order_view`, which lets nobody see another
    partner's.
    """
    resolver = next(
        r
        for r in get_resolver().url_patterns
        if isinstance(r, URLResolver) and str(r.pattern) == ""
    )
    patterns = [pattern for pattern in resolver.url_patterns if isinstance(pattern, URLPattern)]
    of_one = [pattern for pattern in patterns if "<slug:number>" in str(pattern.pattern)]
    assert len(of_one) >= 14
    assert [p.name for p in of_one if not hasattr(p.callback, "verb")] == []


def test_every_action_has_its_rule_and_its_row_in_the_status_table():
    """A reason is reviewed, and a verdict answered, whatever the status: their own tests
    ask that.
    """
    assert set(RULES) == set(Verb)
    assert set(Verb) - {action.verb for action in ACTIONS.values()} == {
        Verb.REVIEW_REASON,
        Verb.ANSWER_VERDICT,
    }
    assert {name for name, _, _ in rows()} == set(ACTIONS)


def test_every_kind_of_notification_is_sent_by_some_service():
    code = "".join(path.read_text() for path in (ROOT / "workorders/services").rglob("*.py"))
    assert [kind for kind in Kind if not re.search(rf"\bKind\.{kind.name}\b", code)] == []


def unused(path: Path) -> set[str]:
    tree = tree_of(path)
    functions = {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("_")
    }
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return functions - used - {"__getattr__"}


def test_no_private_function_is_unused():
    """Also a text that no line of a table leads to: nothing else would say so."""
    assert broken(unused, CODE) == {}


def test_a_class_has_a_name_of_its_own():
    """One word, one meaning. What is promised is a row and a value of the same words."""
    names = Counter(
        node.name
        for path in CODE
        if not {"migrations", "commands"} & set(path.parts)
        for node in tree_of(path).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert {name for name, count in names.items() if count > 1} == {"ServiceLevel"}


def test_a_name_of_a_script_is_its_own():
    """Those on one page share their names: what is named twice is the last one for both."""
    scripts = [path.read_text() for path in (ROOT / "static/js").glob("*.js")]
    named = re.compile(r"^(?:async )?(?:function|const|let) (\w+)", re.MULTILINE)
    found = Counter(name for script in scripts for name in named.findall(script))
    assert [name for name, times in found.items() if times > 1] == []


def test_the_admin_has_the_colours_of_the_portal():
    """Each sheet names them itself: the admin loads no other."""
    portal = (ROOT / "static/css/portal.css").read_text()
    light, dark = (
        dict(
            re.findall(
                r"--([\w-]+): (#\w+)", re.search(rf"theme={name}\] \{{(.*?)\}}", portal, re.S)[1]
            )
        )
        for name in ("light", "dark")
    )
    admin = (ROOT / "static/css/admin.css").read_text()
    own = re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\)", admin)
    assert len(own) >= 15
    for name, by_day, by_night in own:
        there = name.replace("brand", "accent")
        assert (name, by_day, by_night) == (name, light[there], dark[there])
