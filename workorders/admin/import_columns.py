"""What stands beside the upload: the columns of an import, with a sample and a template."""

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from workorders.services.importing import Parser, is_required

SAMPLES = Path(__file__).parent.parent / "samples"
DAY = "A day as YYYY-MM-DD, or a date cell of a workbook."
YES_NO = "yes or no"
HELD = {
    "work-orders": {
        "number": "Letters, digits, - and _. A known one brings its work order up to date.",
        "case_number": "The number used with the customer.",
        "subject": "What is to be done, at most 200 characters.",
        "description": "Several lines, if need be.",
        "account": "The customer. A new one is added.",
        "site": "The name of the place. A new one is added to the account.",
        "street": "Street and number.",
        "city": "",
        "region": "A state or province, such as CA.",
        "postal_code": "With all its digits: 02139.",
        "country": "Its ISO code, such as US or GB.",
        "time_zone": "IANA’s name of a place, such as America/Los_Angeles.",
        "service_territory": "One that is known here.",
        "station_model": "",
        "station_serial": "The station is known by it.",
        "work_type": "Repair, Installation or Commissioning.",
        "entitlement": "One that is known here.",
        "partner": "One that is known here.",
        "assigned_on": DAY,
        "accepted_on": f"{DAY} Empty: the work arrives as Assigned.",
        "parts_required": YES_NO,
        "images_required": YES_NO,
        "return_parts_required": YES_NO,
        "poc_name": "The point of contact at the site.",
        "poc_phone": "With its country code: +1 415 555 0151.",
        "poc_email": "",
        "access_notes": "How to get in.",
        "line_items": "In order, separated by |. One that ends with [serial] requires the serial of"
        " the new part, one that ends with [photo] a photo; it can end with both.",
    },
    "shipments": {
        "number": "Letters, digits, - and _. A known one brings its shipment up to date.",
        "kind": "RMA or FSO.",
        "work_order": "The number of one that is accepted.",
        "direction": "outbound or return.",
        "status": "ordered, shipped or delivered.",
        "carrier": "Such as FedEx.",
        "service": "Such as Ground. With the pick-up, the delivery is estimated from it.",
        "tracking_number": "",
        "pick_up_on": DAY,
        "estimated_delivery_on": f"{DAY} The carrier’s own; empty, it is estimated.",
        "delivered_on": f"{DAY} Where the status is delivered, and only there.",
        "required": "yes or no: whether the work cannot begin without it.",
        "parts": "part_number*quantity*description, separated by |.",
    },
    "certifications": {
        "technician": "The e-mail address with which the technician logs in.",
        "certification": "What it is for.",
        "number": "",
        "expires_on": f"{DAY} The last day on which it is good.",
    },
}


class ImportColumn(NamedTuple):
    name: str
    is_required: bool
    held: str
    sample: str


def import_columns(kind: str, columns: Mapping[str, Parser]) -> Iterator[ImportColumn]:
    headings, first, *_ = sample_rows(kind)
    samples = dict(zip(headings, first, strict=True))
    for name, parse in columns.items():
        yield ImportColumn(name, is_required(parse), HELD[kind][name], samples[name])


@cache
def sample_rows(kind: str) -> list[list[str]]:
    """The headings and a few rows, of partners that may not be known here."""
    path = SAMPLES / f"{kind.replace('-', '_')}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))
