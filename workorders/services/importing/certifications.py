"""certifications.csv: each row adds or updates a technician's certification."""

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from portal.people.models import Certification, User
from portal.people.roles import Right, Role
from workorders.folding import fold
from workorders.services import saving
from workorders.services.errors import DomainError, NotAllowed
from workorders.services.importing.cells import Parser, code, day, email, required, text
from workorders.services.importing.matching import Namesakes
from workorders.services.importing.progress import Progress
from workorders.services.importing.reading import Row
from workorders.services.importing.results import CellChange, ImportResult, RowChange, RowError
from workorders.services.importing.running import run

COLUMNS = {
    "technician": required(email),
    "certification": required(text(120)),
    "number": required(code(60)),
    "expires_on": required(day),
}

Key = tuple[str, str]  # the technician's e-mail and the certification's number, folded


def import_certifications(
    file: BinaryIO,
    *,
    by: User | None,
    dry_run: bool = False,
    good_rows_only: bool = False,
    progress: Progress | None = None,
) -> ImportResult:
    """Create or update certifications from a file with exactly COLUMNS, in any order.

    Nothing is saved on an error, unless `good_rows_only`. Raises NotAllowed when `by` may not enter
    them.
    """
    if by is not None and not by.may(Right.CERTIFY):
        raise NotAllowed(f"{by} may not import certifications")
    return run(
        file,
        CertificationTable,
        dry_run=dry_run,
        good_rows_only=good_rows_only,
        progress=progress,
    )


class CertificationTable:
    columns: Mapping[str, Parser] = COLUMNS
    column_of: Mapping[str, str] = {}

    def __init__(self) -> None:
        self.warnings: list[RowError] = []
        self._lines: dict[Key, int] = {}
        self._people: dict[str, User] = {}
        self._existing = Namesakes[Certification]("number", "number")  # by e-mail

    def conflicts(self, row: Row) -> Iterator[RowError]:
        first = self._lines.setdefault(_key(row), row.line)
        if first != row.line:
            yield RowError(row.line, "number", f"the same certification is already on line {first}")

    def order(self, row: Row) -> int:
        return 0

    def load(self, rows: list[Row]) -> None:
        emails = {_key(row)[0] for row in rows}
        people = User.objects.filter(email__in=emails, role=Role.TECHNICIAN)
        self._people = {user.email: user for user in people}
        found = Certification.objects.filter(technician__in=self._people.values())
        self._existing = Namesakes[Certification]("number", "number")
        for row in found.select_related("technician"):
            self._existing.add(row, row.technician.email)

    def forget(self, row: Row) -> None:
        """Nothing to forget: a row that is refused has done nothing."""

    def write(self, row: Row) -> RowChange | None:
        person, values = self._people.get(_key(row)[0]), row.values
        if person is None:
            raise DomainError(
                f"'{values['technician']}' is not a technician's e-mail address", "technician"
            )
        existing = self._existing.the_one(values["number"], person.email)
        current: dict[str, object] = {}
        if existing:
            current = {"certification": existing.name, "expires_on": existing.expires_on}
        changes = tuple(
            CellChange(column, str(current.get(column, "")), str(values[column]))
            for column in ("certification", "expires_on")
            if current.get(column) != values[column]
        )
        if not changes:
            return None
        certification = existing or Certification(technician=person, number=values["number"])
        certification.name, certification.expires_on = values["certification"], values["expires_on"]
        if existing:
            saving.save(certification, "name", "expires_on")
        else:
            saving.save_new(certification)
        name = f"{person.email} {certification.number}"
        return RowChange(row.line, name, existing is None, changes)


def _key(row: Row) -> Key:
    return row.values["technician"].lower(), fold(row.values["number"])
