"""Two partners at work on Monday, March 2nd 2026, and everyone who may or may not look."""

import logging
from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.db import connection
from django.test import override_settings

from tests.trust.promises import PROMISES
from tests.trust.world import World, made
from tests.workorders.any_state import NINE


@pytest.fixture(scope="module")
def world(shared_rows, tmp_path_factory) -> Iterator[World]:
    """Made once for a module; each test takes back what it writes."""
    media = str(tmp_path_factory.mktemp("media-of-the-world"))
    with time_machine.travel(NINE, tick=False):
        with override_settings(MEDIA_ROOT=media):
            rows = made()
        yield rows._replace(media=media)


@pytest.fixture(autouse=True)
def _files_of_the_world(request, settings) -> None:
    """They lie where they were stored when the world was made."""
    if "world" in request.fixturenames:
        settings.MEDIA_ROOT = request.getfixturevalue("world").media


@pytest.fixture
def figure(record_property) -> Callable[[str], None]:
    """Notes what was measured, for the table of `make test-trust`."""
    return lambda text: record_property("figure", text)


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    """Thousands of refusals, of which the log would tell each with its traceback."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


# --- The table at the end of `make test-trust`
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if not config.getoption("full"):
        return
    terminalreporter.section(f"promises, on {connection.vendor}")
    for module, promise in PROMISES.items():
        passed, failed = (
            [
                report
                for outcome in outcomes
                for report in terminalreporter.stats.get(outcome, [])
                if getattr(report, "nodeid", "").startswith(f"{module}::")
            ]
            for outcomes in (["passed"], ["failed", "error"])
        )
        held = "NOT HELD" if failed else "held"
        terminalreporter.line(f"{held if passed or failed else 'not asked':9} {promise}")
        figures = [value for report in passed + failed for _, value in report.user_properties]
        asked = f"{len(passed)} tests passed, {len(failed)} failed"
        for figure in figures or [asked]:
            terminalreporter.line(f"{'':9}   {figure}")
