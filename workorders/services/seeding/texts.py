"""The tasks of the demo data, and what people write in it; all invented."""

from typing import NamedTuple

from workorders.states import WorkType


class Task(NamedTuple):
    subject: str
    work_type: WorkType
    models: tuple[str, ...]
    steps: tuple[str, ...]
    parts: tuple[tuple[str, str], ...] = ()  # number and description; empty if none are required


TASKS_WITH_PARTS = [
    Task(
        "Replace charging cable",
        WorkType.REPAIR,
        ("CT4000", "CP6000"),
        (
            "Lock out and tag out the station",
            "Replace the charging cable [serial] [photo]",
            "Test a charge on both ports",
        ),
        (("CBL-J1772-23FT", "Charging cable J1772, 23 ft"),),
    ),
    Task(
        "Replace power module",
        WorkType.REPAIR,
        ("CPE250", "CPE280"),
        (
            "Lock out and tag out the station",
            "Replace the power module [serial]",
            "Verify output under load",
        ),
        (("PWR-MOD-31", "Power module 31 kW"), ("GSK-PM-02", "Gasket set")),
    ),
    Task(
        "Replace display and holster",
        WorkType.REPAIR,
        ("CP6000", "CT4020"),
        ("Replace the display", "Replace the holster"),
        (("DSP-7IN", "Display 7 inch"), ("HLS-01", "Holster")),
    ),
    Task(
        "Install gateway modem",
        WorkType.INSTALLATION,
        ("CPE250", "CP6000"),
        ("Mount the modem", "Route the antenna", "Verify the signal"),
        (("MDM-LTE", "LTE gateway modem"), ("ANT-02", "External antenna")),
    ),
]
TASKS_WITHOUT_PARTS = [
    Task(
        "Reset breaker and check wiring",
        WorkType.REPAIR,
        ("CT4000", "CT4020", "CPE250"),
        ("Check the breaker", "Check the wiring torque"),
    ),
    Task(
        "Commission two ports",
        WorkType.COMMISSIONING,
        ("CP6000", "CPE280"),
        ("Verify the installation [photo]", "Commission port 1", "Commission port 2"),
    ),
]
TECHNICIANS = [
    ("Tess Moreno", "+1 510 555 0112"),
    ("Luke Abara", "+1 510 555 0147"),
    ("Ines Falk", "+1 510 555 0163"),
]
QUESTION = "The contact names level P3, the work order says P2. Which station is it?"
ANSWER = "It is on P2, next to the elevator. The serial number is on the inside of the door."
PARTNER_NOTE = "Needs a lift truck on site and a second technician for the power module."
URGENT = (
    "The contact has not answered for three days. Please help us find somebody else at the site."
)
WITHDRAWN = (
    "The fault has cleared by itself and the station has been stable for a week."
    " Thank you, no visit is needed."
)
