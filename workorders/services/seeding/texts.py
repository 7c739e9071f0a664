"""What the demo data is made of: places, tasks, and what people say. All invented."""

from typing import NamedTuple

from workorders.states import WorkType


class Place(NamedTuple):
    account: str
    site: str
    street: str
    city: str
    region: str
    postal_code: str
    country: str
    time_zone: str
    territory: str
    poc_name: str
    poc_phone: str
    access_notes: str


class Task(NamedTuple):
    subject: str
    work_type: WorkType
    models: tuple[str, ...]
    steps: tuple[str, ...]
    parts: tuple[
        tuple[str, str], ...
    ] = ()  # part number and description; none: no parts are required


GLASSES = "Safety glasses required. Check in at the security desk."
CLEARANCE = "Garage clearance 2.0 m; call the contact on arrival."
COI = "A COI must be on file with the property manager two business days ahead."
PLACES = [
    Place(
        *(
            "Bayline Parking Cooperative",
            "Dogpatch Transit Hub",
            "901 Illinois St",
            "San Francisco",
            "CA",
            "94107",
        ),
        *("US", "America/Los_Angeles", "US-CA", "Renee Okafor", "+1 415 555 0131", CLEARANCE),
    ),
    Place(
        *(
            "Aloha Harbor Resorts",
            "Ala Wai Marina Garage",
            "1651 Ala Moana Blvd",
            "Honolulu",
            "HI",
            "96815",
        ),
        *("US", "Pacific/Honolulu", "US-Federal", "Keoni Nakamura", "+1 808 555 0142", ""),
    ),
    Place(
        *(
            "Beacon Harbor Parking",
            "Fort Point Garage",
            "60 Farnsworth St",
            "Boston",
            "MA",
            "02210",
        ),
        *("US", "America/New_York", "US-Federal", "Maureen Doyle", "+1 617 555 0178", COI),
    ),
    Place(
        *("Thames Quay Estates", "Bermondsey Yard", "14 Shad Thames", "London", "", "SE1 2YE"),
        *("GB", "Europe/London", "GB-ENG", "Oliver Hartley", "+44 20 7946 0321", GLASSES),
    ),
    Place(
        *(
            "Saguaro Property Group",
            "Papago Commerce Park",
            "1850 N 52nd St",
            "Phoenix",
            "AZ",
            "85008",
        ),
        *("US", "America/Phoenix", "US-Federal", "Teresa Maldonado", "+1 602 555 0114", ""),
    ),
    Place(
        *(
            "Alpenland Parkraum GmbH",
            "Parkhaus Werksviertel",
            "Atelierstraße 10",
            "München",
            "BY",
            "81671",
        ),
        *("DE", "Europe/Berlin", "DE-BY", "Katharina Brückner", "+49 89 5550 1470", CLEARANCE),
    ),
    Place(
        *(
            "Lakeshore Parking Ltd.",
            "Liberty Village Car Park",
            "171 East Liberty St",
            "Toronto",
            "ON",
            "M6K 3P6",
        ),
        *("CA", "America/Toronto", "CA-ON", "Anjali Deshmukh", "+1 416 555 0139", ""),
    ),
    Place(
        *(
            "Pacific Crest Offices",
            "Kearny Mesa Campus",
            "4820 Eastgate Mall",
            "San Diego",
            "CA",
            "92121",
        ),
        *("US", "America/Los_Angeles", "US-CA", "Victor Salcedo", "+1 619 555 0166", GLASSES),
    ),
    Place(
        *("Prairie Rail Districts", "West Loop Deck", "323 N Morgan St", "Chicago", "IL", "60607"),
        *("US", "America/Chicago", "US-Federal", "Dorothy Kowalski", "+1 312 555 0108", COI),
    ),
    Place(
        *("Cascade Markets", "Ballard Locks Lot", "2230 NW Market St", "Seattle", "WA", "98107"),
        *("US", "America/Los_Angeles", "US-Federal", "Erik Lindqvist", "+1 206 555 0193", ""),
    ),
    Place(
        *(
            "Front Range Hospitality",
            "Union Station North",
            "1975 18th St",
            "Denver",
            "CO",
            "80202",
        ),
        *("US", "America/Denver", "US-Federal", "Paula Whitehorse", "+1 303 555 0127", CLEARANCE),
    ),
    Place(
        *("Thames Quay Estates", "Salford Wharf", "7 Media Walk", "Manchester", "", "M50 2NT"),
        *("GB", "Europe/London", "GB-ENG", "Priti Chaudhary", "+44 161 496 0455", ""),
    ),
    Place(
        *(
            "Bayline Parking Cooperative",
            "Arts District Structure",
            "582 Mateo St",
            "Los Angeles",
            "CA",
            "90013",
        ),
        *("US", "America/Los_Angeles", "US-CA", "Celeste Moreau", "+1 213 555 0155", COI),
    ),
    Place(
        *(
            "Lakeshore Parking Ltd.",
            "Rideau Centre Level P2",
            "50 Rideau St",
            "Ottawa",
            "ON",
            "K1N 9J7",
        ),
        *("CA", "America/Toronto", "CA-ON", "Marc-André Gagné", "+1 613 555 0184", GLASSES),
    ),
    Place(
        *(
            "Alpenland Parkraum GmbH",
            "Parkhaus Plärrer",
            "Rothenburger Straße 2",
            "Nürnberg",
            "BY",
            "90443",
        ),
        *("DE", "Europe/Berlin", "DE-BY", "Tobias Engelhardt", "+49 911 5550 182", ""),
    ),
    Place(
        *("Gulfstream Retail Partners", "Brickell Row", "701 S Miami Ave", "Miami", "FL", "33131"),
        *("US", "America/New_York", "US-Federal", "Yolanda Prieto", "+1 305 555 0172", ""),
    ),
]
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
ANSWER = "It is the one on P2, next to the lift. The serial number is on the inside of the door."
PARTNER_NOTE = "Needs a lift truck on site and a second technician for the power module."
URGENT = (
    "The contact has not answered for three days. Please help us to find somebody else at the site."
)
WITHDRAWN = "The fault has cleared by itself and the station has been stable for a week. Thank you, no visit is needed."
