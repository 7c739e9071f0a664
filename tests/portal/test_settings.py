"""Settings: a wrong value ends the start with one sentence that names it; safe ones follow the
public address.
"""

import json
import os
import subprocess
import sys

import pytest
from django.db import connection

from portal.checks import limits_are_set
from tests import ROOT

pytestmark = pytest.mark.once

SECRET = "x7" * 30
BUCKET = {
    "AWS_STORAGE_BUCKET_NAME": "portal-files",
    "AWS_S3_ENDPOINT_URL": "http://127.0.0.1:9000",
    "AWS_S3_ACCESS_KEY_ID": "key",
    "AWS_S3_SECRET_ACCESS_KEY": "secret",
    "AWS_S3_ADDRESSING_STYLE": "path",
    "AWS_LOCATION": "portal/files",
}
NAMES = ["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SECURE_SSL_REDIRECT"]
NAMES += ["SECURE_HSTS_SECONDS"]


def start(
    code: str = "import portal.settings", **environment: str
) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=inherited | environment,
        capture_output=True,
        text=True,
        timeout=30,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "x" * 60),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "https://portal.example.com/"),
        ("CSRF_TRUSTED_ORIGINS", "portal.example.com"),
        ("PORTAL_BASE_URL", "portal.example.com"),
        ("PORTAL_BASE_URL", "https://portal.example.com/path"),
        ("PORTAL_BASE_URL", "https://portal.example.com:port"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://user@host/name"),
        ("DATABASE_URL", "postgres://"),
        ("DATABASE_URL", "postgres://user:password@host"),
        ("DATABASE_URL", "postgres://user:password@host/"),
        ("DATABASE_URL", "postgres:///name"),
        ("STANDBY_DATABASE_URL", "nonsense"),
        ("STANDBY_DATABASE_URL", "postgres://user@host/of-no-postgresql"),
        ("CACHE_URL", "nonsense"),
        ("QUEUE_URL", "nonsense"),
        ("EMAIL_URL", "nonsense"),
        ("OPERATOR_NAME", " " * 61),
        ("OPERATOR_SUPPORT_PHONE", "call us"),
        ("DEFAULT_FROM_EMAIL", "nobody"),
        ("DEFAULT_FROM_EMAIL", "a@b\r\nBcc: c@d"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "many"),
        ("SESSION_IDLE_HOURS", "0"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_REQUESTS", "some"),
        ("SECRET_KEY_FALLBACKS", "short"),
        ("HSTS_PRELOAD", "perhaps"),
        ("METRICS_TOKEN", "short"),
        ("BACKUP_PUBLIC_KEY", "AGE-SECRET-KEY-1"),
        ("MEDIA_ROOT", "media"),
        ("SCANNER_URL", "127.0.0.1:3310"),
        ("SCANNER_URL", "clamd://run/clamd.ctl"),
        ("AWS_STORAGE_BUCKET_NAME", "s3://files"),
        ("AWS_S3_ENDPOINT_URL", "files.example.com"),
        ("AWS_S3_ADDRESSING_STYLE", "short"),
        ("AWS_S3_SECRET_ACCESS_KEY", ""),
        ("AWS_LOCATION", "/files/"),
    ],
)
def test_wrong_value_ends_the_start_with_a_sentence(name, value):
    result = start(
        **{"SECRET_KEY": SECRET} | (BUCKET if name.startswith("AWS_") else {}) | {name: value}
    )
    assert result.returncode != 0
    (sentence,) = result.stderr.splitlines()
    assert sentence.partition(" must be ")[0] == f"The portal cannot start: {name}"


def test_secret_key_may_come_from_a_file():
    found = start("import portal.settings as s; print(len(s.SECRET_KEY))", SECRET_KEY=f"{SECRET}\n")
    assert found.stdout.strip() == str(len(SECRET))


def test_a_login_outlives_the_key_only_while_the_old_one_is_named(client_of, dana, settings):
    browser = client_of(dana)
    old, settings.SECRET_KEY = settings.SECRET_KEY, SECRET
    settings.SECRET_KEY_FALLBACKS = [old]
    assert browser.get("/work-orders/").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert browser.get("/work-orders/").status_code == 200  # it was signed anew
    settings.SECRET_KEY = old
    assert browser.get("/work-orders/").status_code == 302


@pytest.mark.parametrize(("chosen", "expected"), [({}, False), ({"HSTS_PRELOAD": "1"}, True)])
def test_browsers_lists_are_entered_by_choice_only(chosen, expected):
    code = "import portal.settings as s; print(s.SECURE_HSTS_PRELOAD, s.SECRET_KEY_FALLBACKS)"
    found = start(code, SECRET_KEY=SECRET, SECRET_KEY_FALLBACKS=SECRET, **chosen)
    assert found.stdout.strip() == f"{expected} ['{SECRET}']"


def test_secret_key_is_required_unless_debug_is_on():
    sentence = start().stderr
    assert sentence.partition(" must be ")[0] == "The portal cannot start: SECRET_KEY"
    assert start(DEBUG="1").returncode == 0


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "https://portal.example.com",
            ["__Host-sessionid", "__Host-csrftoken", True, True, 63072000],
        ),
        ("http://portal.example.com", ["sessionid", "csrftoken", False, False, 0]),
    ],
)
def test_cookies_and_transport_follow_the_public_address(url, expected):
    code = (
        "import json, portal.settings as s; print(json.dumps([getattr(s, name) for name in"
        f" {NAMES}]))"
    )
    assert json.loads(start(code, SECRET_KEY=SECRET, PORTAL_BASE_URL=url).stdout) == expected


@pytest.mark.parametrize(
    ("environment", "backend"), [({}, "storage.DurableStorage"), (BUCKET, "buckets.Bucket")]
)
def test_files_lie_on_a_disk_or_in_a_bucket_and_only_that_loads_boto3(environment, backend):
    code = (
        "import json, sys, django; django.setup(); from django.conf import settings; from"
        " django.core.files.storage import default_storage as s; before = 'boto3' in sys.modules;"
        " s.listdir; print(json.dumps([settings.STORAGES['default'], before, 'boto3' in"
        " sys.modules]))"
    )
    result = start(code, SECRET_KEY=SECRET, DJANGO_SETTINGS_MODULE="portal.settings", **environment)
    storage, *loaded = json.loads(result.stdout)
    assert (storage["BACKEND"], loaded) == (f"portal.{backend}", [False, bool(environment)])
    assert storage.get("OPTIONS", {}) == (OPTIONS if environment else {})


OPTIONS = {
    "bucket_name": "portal-files",
    "endpoint_url": "http://127.0.0.1:9000",
    "access_key": "key",
    "secret_key": "secret",
    "addressing_style": "path",
    "location": "portal/files",
}


def test_check_deploy_finds_nothing():
    code = (
        "from django.core.management import execute_from_command_line as run; run(['', 'check',"
        " '--deploy', '--fail-level', 'WARNING'])"
    )
    environment = {
        "SECRET_KEY": "".join(chr(33 + n) for n in range(1, 64)),
        "PORTAL_BASE_URL": "https://portal.example.com",
    }
    result = start(code, DJANGO_SETTINGS_MODULE="portal.settings", **environment)
    assert (result.returncode, result.stdout) == (
        0,
        "System check identified no issues (1 silenced).\n",
    ), result.stderr


@pytest.mark.parametrize("pooled", ["0", "1"])
def test_a_pooler_is_asked_for_no_limits_and_no_cursors(pooled):
    """PgBouncer refuses the one, and gives the next transaction another connection."""
    code = "import portal.settings as s; d = s.DATABASES['default']; print('options' in"
    code += " d.get('OPTIONS', {}), d.get('DISABLE_SERVER_SIDE_CURSORS', False))"
    found = start(
        code,
        SECRET_KEY=SECRET,
        DATABASE_URL="postgres://portal@127.0.0.1:6432/portal",
        DATABASE_IS_POOLED=pooled,
    )
    assert found.stdout.split() == (["False", "True"] if pooled == "1" else ["True", "False"])


@pytest.mark.every_database
def test_limits_that_are_missing_are_said(db):
    assert limits_are_set(None, ["default"]) == []
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = 0")
        (warning,) = limits_are_set(None, ["default"])
        assert warning.msg == "lock_timeout is 0 in this database."
        assert "SET lock_timeout = '3s'" in warning.hint
