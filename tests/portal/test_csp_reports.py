"""What browsers report of the policy: in both of their formats, logged, never more than a few."""

import json
from typing import Any

import pytest

from portal.csp_reports import LARGEST

OLD = {
    "csp-report": {
        "document-uri": "http://testserver/work-orders/WO-1/?q=Priya",
        "violated-directive": "img-src",
        "blocked-uri": "https://evil.example/Priya?x=1",
    }
}
NEW = [
    {
        "type": "csp-violation",
        "body": {
            "documentURL": "http://testserver/invitations/secret/",
            "effectiveDirective": "script-src-elem",
            "blockedURL": "inline",
        },
    }
]
FORGED = {
    "csp-report": {
        "document-uri": "http://[secret",
        "violated-directive": "x\nroot: secret",
        "blocked-uri": "secret@b.example",
    }
}


def report(client: Any, body: Any) -> int:
    text = body if isinstance(body, str) else json.dumps(body)
    return client.post("/csp-reports", text, content_type="application/csp-report").status_code


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (OLD, "img-src refused https://evil.example on work-orders/<slug:number>/"),
        (NEW, "script-src-elem refused inline on invitations/<str:token>/"),
        (FORGED, "(unknown) refused (unknown) on (unknown)"),
    ],
)
def test_a_report_is_logged_by_what_is_harmless_in_it(client, caplog, body, said):
    """No `db` fixture: nothing is read or written for it."""
    assert report(client, body) == 204
    assert [record.getMessage() for record in caplog.records] == [f"The policy {said}"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("{", 400),
        ("\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), 400),
        ("null", 204),
        ('{"csp-report": 1}', 204),
        ('[[], 1, {"body": []}]', 204),
        ("9" * 5000, 400),
        ("[" * 5000, 400),
        ("x" * (LARGEST + 1), 413),
    ],
)
def test_anything_else_is_no_error_and_not_logged(client, caplog, body, status):
    assert report(client, body) == status
    assert [record for record in caplog.records if record.name == "portal.csp_reports"] == []


def test_reports_are_few(client, caplog):
    many = [report(client, NEW * 20) for _ in range(31)]
    assert (many[:30], many[30]) == ([204] * 30, 429)
    assert len([each for each in caplog.records if each.name == "portal.csp_reports"]) == 300


def test_the_policy_says_where_reports_go(client):
    headers = client.get("/login/").headers
    assert "report-uri /csp-reports;" in f"{headers['Content-Security-Policy']};"
    assert "report-to csp;" in f"{headers['Content-Security-Policy']};"
    assert headers["Reporting-Endpoints"] == 'csp="/csp-reports"'
