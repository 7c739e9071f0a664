"""Who gets in where: the table that `test_access` holds every address to."""

import re
from typing import NamedTuple

from tests.trust.world import LOGGED_OUT, Address

WHO = [
    "dispatcher",
    "manager",
    "technician",
    "not assigned",  # a technician of the same partner
    "other partner",  # its dispatcher
    "other's technician",
    "changed partner",  # a dispatcher who wrote on this work order, and now works for the other
    "staff",
    "looking",  # staff who may read work orders and no more
    "no right",  # staff
    "superuser",
]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
ANY = "ANY"  # the admin takes whatever is no POST as a GET
NO_POST = "ANY-POST"  # and refuses to save what can only be looked at
WORDS = {"+": "in", "-": "refused", "?": "hidden"}

# One letter for each of WHO, in that order. +: in (a page, a redirect, or a form that says what is
# wrong with what was sent); -: refused (403); ?: the same answer as for what does not exist (404).
# Whoever is not logged in is led to the login, but for the open addresses.
TABLE = """
lists of a person's own work     GET       +++++++++-+
the scorecard, for who dispatches GET      ++--+-+++-+
a person's own choices           GET,POST  +++++++++++
a person's own page              GET       +++++++++++
a person's own sessions          POST      +++++++++++
what nobody has here             GET,POST  ???????????
one of the person's own          POST      ???????????
all read                         POST      +++++++++-+
the partner's mailbox            POST      ++--+-+----
the partner's technicians        GET,POST  ++--+-+----
one of them                      GET,POST  ++--?-?----
an invitation for one            POST      ++--?-?----
pages of a work order            GET       +++????++-+
its lists of fields              GET       +++????++-+
what dispatchers do              GET,POST  ++-????----
a part of that form              GET       ++-????----
what technicians do too          GET,POST  +++????----
what everyone does               GET,POST  +++????+--+
what dispatchers and staff do    GET,POST  ++-????+--+
answers to a verdict             GET,POST  ++?????----
the admin for any right          ANY       -------++-+
pages to look at, of any right   GET       -------++-+
the admin for readers            ANY       -------++-+
a work order, for readers        GET       -------++-+
what rights of staff let in      ANY       -------+--+
mails                            ANY-POST  -------+--+
what nobody may                  ANY       -----------
what superusers may              ANY       ----------+
their own imports                ANY       -------?--+
nothing is there                 ANY       -------??-?
completion of fields             GET       -----------
"""

OF = {  # what an address is, by its name; where several fit, the first
    r"home|work-orders|today|parts-owed|notifications|schedule": "lists of a person's own work",
    r"help(-.*)?": "lists of a person's own work",
    r"scorecard.*": "the scorecard, for who dispatches",
    r"notification-choices|authenticator-app|recovery-codes|own-password": "a person's own choices",
    r"security": "a person's own page",
    r"end-own-sessions": "a person's own sessions",
    r"passkey": "what nobody has here",  # where the address is a number
    r"remove-own-factor": "one of the person's own",
    r"read-notifications": "all read",
    r"notification-mailbox": "the partner's mailbox",
    r"technicians": "the partner's technicians",
    r"offboard": "one of them",
    r"invite-technician": "an invitation for one",
    r"work-order|related|rma-fso|collaborate|history(-csv|-xlsx)?|receipt": "pages of a work order",
    r"appointment-ics|file|file-small": "pages of a work order",
    r"line-items": "its lists of fields",
    r"accept|ship-to|appointment|take-back-appointment|parts-received": "what dispatchers do",
    r"note-requirements": "what dispatchers do",
    r"technician": "a part of that form",
    r"report-parts|parts-sent-back|(start|end|enter|correct|take-back)-visit|(un)?tick-line-item": (
        "what technicians do too"
    ),
    r"complete|take-back-completed|could-not-complete|request-assistance|log-contact": (
        "what technicians do too"
    ),
    r"comment|files": "what everyone does",
    r"second-poc|change-file|remove-file": "what dispatchers and staff do",
    r"answer-verdict": "answers to a verdict",
    # --- The admin
    r"admin:(index|login|app_list|logout)": "the admin for any right",
    r"admin:jsi18n": "pages to look at, of any right",
    r"admin:password_change(_done)?": "the admin for any right",  # leads on to one's own
    r"admin:view_on_site|admin/\(\?P<url>.*": "nothing is there",
    r"admin:autocomplete": "completion of fields",
    r"admin/\w+/\w+/<path:object_id>/": "the admin for any right",  # leads on to the change page
    r"admin:workorders_workorder_(history|twins|changelist|export.*)": "the admin for readers",
    r"admin:workorders_workorder_change": "a work order, for readers",
    r"admin:workorders_workorder_import_.*_page": "their own imports",
    r"admin:workorders_workorder_import_.*_rejected_.*": "an import's rejected rows",
    r"admin:workorders_workorder_shipment_label": "an import's rejected rows",
    r"admin:auth_group_.*": "what superusers may",
    r"admin:audit_auditentry_(add|delete)": "what nobody may",
    r"admin:audit_auditentry_change": "an entry of the audit",
    r"admin:audit_auditentry_.*": "what superusers may",
    r"admin:people_user_erase": "what superusers may",
    r"admin:(people_partner|workorders_carrierservice)_delete": "what superusers may",
    r"admin:workorders_depot_delete": "what rights of staff let in",
    r"admin:\w+_delete": "what nobody may",
    r"admin:(outbox_message|workorders_missedslareason|workorders_calendarproposal)_add": (
        "what nobody may"
    ),
    r"admin:outbox_message_change": "mails",
    r"admin:(people|outbox|workorders)_.*": "what rights of staff let in",
}
TABLE += """
an import's rejected rows        ANY       -------?--?
an entry of the audit            ANY-POST  ----------+
"""

OPEN = {  # for everyone: what each answers
    r"account_(login|signup|reset_password|reset_password_from_key)": METHODS[:4],
    r"account_reset_password_(from_key_)?done": ["GET", "HEAD"],
    r"mfa_authenticate": METHODS[:3],
    r"account_logout": ["GET", "HEAD", "POST"],
    r"invitation": ["GET", "HEAD", "POST"],
    r"healthz|readyz|metrics": METHODS,
    r"csp-reports": ["POST"],
}


class Line(NamedTuple):
    methods: list[str]
    cells: dict[str, str]
    refuses_post: bool


def lines() -> dict[str, Line]:
    """By what an address is: the methods that it takes, and a word for each of WHO."""
    found = {}
    for line in TABLE.strip().splitlines():
        if line.strip():
            what, methods, cells = re.split(r" +(?=GET|POST|ANY|[-+?]{11}$)", line)
            taken = METHODS if methods.startswith(ANY) else methods.split(",")
            taken = [*taken, "HEAD"] if "GET" in taken else taken
            named = dict(zip(WHO, (WORDS[cell] for cell in cells), strict=True))
            found[what] = Line(taken, named, methods == NO_POST)
    return found


LINES = lines()


def family_of(address: Address) -> str:
    """What it is, or "" where the table has no row for it."""
    for pattern, what in OF.items():
        if re.fullmatch(pattern, address.name):
            return what
    return ""


def is_open(address: Address) -> bool:
    return any(re.fullmatch(pattern, address.name) for pattern in OPEN)


def expected(address: Address, who: str, method: str) -> str:
    """in, refused, hidden, no such method, or login."""
    if who in LOGGED_OUT:
        return "login"
    line = LINES[family_of(address)]
    if line.refuses_post and method == "POST":
        return "refused"
    is_asked_first = address.route.startswith("admin/") and line.cells[who] == "refused"
    return line.cells[who] if is_asked_first or method in line.methods else "no such method"
