"""What is promised in docs/security.md, and the modules that hold it to that."""

PROMISES = {
    "tests/trust/test_access.py": (
        "Every address lets in whom the table names, and nobody else, whatever the method"
    ),
    "tests/trust/test_foreign_keys.py": (
        "What is another partner's answers as what does not exist, wherever its key is put"
    ),
    "tests/trust/test_mass_assignment.py": "A form writes what it offers, whatever else is sent",
    "tests/trust/test_canaries.py": (
        "No page, fragment, file, calendar or mail shows what is another partner's"
    ),
    "tests/workorders/history/test_changing_hands.py": (
        "Work that changes hands shows nothing of the partner before"
    ),
    "tests/trust/test_fuzz.py": "Hostile input is never an error of the portal",
    "tests/trust/test_two_at_once.py": (
        "Of two people at the same moment one has done it, the other reads why not"
    ),
    "tests/workorders/test_sent_at_once.py": "A form of an action sent eight times at once is one",
    "tests/workorders/test_any_form_sent_at_once.py": "So is any other form",
    "tests/trust/test_faults.py": (
        "Whatever is away or full: an honest answer, nothing half-done, well again afterwards"
    ),
    "tests/trust/test_kills.py": (
        "Nothing acknowledged is lost or doubled when all processes are killed"
    ),
    "tests/trust/test_power_cuts.py": "Nothing acknowledged is lost or broken at a power cut",
    "tests/trust/test_restarts.py": "A restart of web servers in turn fails no request",
}
