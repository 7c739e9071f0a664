"""Certifications of technicians as staff import them."""

import io

import pytest

from portal.people.models import Certification
from workorders.services.importing import import_certifications

pytestmark = pytest.mark.once


def imported(rows: str, **options: bool):
    return import_certifications(
        io.BytesIO(f"technician,certification,number,expires_on\n{rows}".encode()),
        by=None,
        **options,
    )


def test_certifications_are_created_and_brought_up_to_date(tess):
    row = "Tess@voltfix.example,CP6000 repair,CP-1,{}\n"
    assert imported(row.format("2026-12-31")).summary == "1 created, 0 updated, 0 unchanged"
    assert imported(row.format("2026-12-31")).summary == "0 created, 0 updated, 1 unchanged"
    assert imported(row.format("2027-12-31")).summary == "0 created, 1 updated, 0 unchanged"
    assert str(tess.certifications.get().expires_on) == "2027-12-31"


def test_number_in_another_case_is_the_same(tess):
    imported("tess@voltfix.example,CP6000 repair,CP-1,2026-12-31\n")
    again = imported("tess@voltfix.example,CP6000 repair,cp- 1,2026-12-31\n")
    assert again.summary == "0 created, 0 updated, 1 unchanged"
    twice = imported("tess@voltfix.example,A,X,2026-12-31\ntess@voltfix.example,A,x,2026-12-31\n")
    assert [str(error) for error in twice.errors] == [
        "line 3: number: the same certification is already on line 2"
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            "dana@voltfix.example,CP,1,2026-12-31",
            "line 3: technician: 'dana@voltfix.example' is not a technician's e-mail address",
        ),
        ("tess@voltfix.example,CP,1,2026-02-30", "line 3: expires_on: '2026-02-30' is not a date"),
        (
            "tess@voltfix.example,CP,0,2026-12-31",
            "line 3: number: the same certification is already on line 2",
        ),
    ],
)
def test_a_bad_certification_imports_nothing(tess, dana, row, said):
    result = imported(f"tess@voltfix.example,CP,0,2026-12-31\n{row}\n")
    assert ([str(error) for error in result.errors], Certification.objects.count()) == ([said], 0)
