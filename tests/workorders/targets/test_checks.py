"""The check of places runs where a database is asked for, and only warns."""

import subprocess
import sys

import pytest
from django.core.checks import run_checks
from django.core.management import call_command

from tests.factories import make_territory
from workorders.models import ServiceTerritory
from workorders.targets.checks import places_are_known


@pytest.fixture
def unknown(db) -> ServiceTerritory:
    make_territory()
    known = {"first": "2026-01-01", "last": "2026-12-31"}
    ServiceTerritory.objects.create(name="Mars", country="ZZ", **known)
    return ServiceTerritory.objects.create(name="Bavaria", country="DE", subdivision="XX", **known)


def test_unknown_place_is_a_warning_with_its_reason(unknown):
    found = places_are_known(None, databases=["default"])
    assert [(each.id, each.msg) for each in found] == [
        (
            "workorders.W001",
            "No public holidays can be proposed for Bavaria: unknown subdivision 'XX' of DE.",
        ),
        ("workorders.W001", "No public holidays can be proposed for Mars: unknown country 'ZZ'."),
    ]


def test_check_command_warns_and_does_not_fail(unknown, capsys):
    call_command("check", databases=["default"])
    assert "unknown country 'ZZ'" in capsys.readouterr().err


def test_normal_start_neither_asks_the_database_nor_loads_holidays(
    unknown, monkeypatch, django_assert_num_queries
):
    monkeypatch.setitem(sys.modules, "holidays", None)
    with django_assert_num_queries(0):
        assert [each for each in run_checks() if each.id == "workorders.W001"] == []


def test_database_without_tables_has_nothing_to_say(tmp_path):
    code = (
        "import django; django.setup(); from workorders.targets.checks import places_are_known;"
        "print(places_are_known(None, databases=['default']))"
    )
    env = {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DEBUG": "1",
        "DATABASE_URL": f"sqlite:///{tmp_path}/new.sqlite3",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
