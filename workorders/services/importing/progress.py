"""What the run of an import has done so far, and how it tells those who wait for it."""

from collections.abc import Sequence

from workorders.services.importing.results import RowChange, RowError


class Tally:
    """What rows of an import have done; of the changes not more than `most_changes`."""

    def __init__(
        self,
        created: int = 0,
        updated: int = 0,
        unchanged: int = 0,
        *,
        most_changes: int | None = None,
    ) -> None:
        self.created, self.updated, self.unchanged = created, updated, unchanged
        self.most_changes = most_changes
        self.changes: list[RowChange] = []
        self.warnings: list[RowError] = []
        self.errors: list[RowError] = []  # of rows that were refused

    def add(self, change: RowChange | None) -> None:
        """Count a row; None changes nothing."""
        if change is None:
            self.unchanged += 1
            return
        if self.most_changes is None or len(self.changes) < self.most_changes:
            self.changes.append(change)
        self.created += change.created
        self.updated += not change.created

    def __iadd__(self, other: "Tally") -> "Tally":
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.changes = [*self.changes, *other.changes][: self.most_changes]
        self.warnings += other.warnings
        self.errors += other.errors
        return self


class Progress:
    """The progress of a run. This one is kept nowhere: whoever started the run waits for it."""

    most_changes: int | None = None  # that are wanted
    written = 0  # rows that are done with, in the order in which they are written

    def __init__(self) -> None:
        self.tally = Tally()

    @property
    def has_begun(self) -> bool:
        """Whether an earlier run was killed while it wrote."""
        return False

    def refused(self) -> dict[int, list[RowError]]:
        """What that run has found wrong, by line."""
        return {}

    def read(self, rows: int) -> None:
        """So many rows have been read."""

    def counted(self, rows: int) -> None:
        """The file has so many rows."""

    def checked(self, rows: int) -> None:
        """So many rows have been checked."""

    def begin(self, errors: Sequence[RowError]) -> None:
        """The check has ended: from here on rows are written, but for those with an error."""

    def wrote(self, rows: int, tally: Tally) -> None:
        """So many rows are done with. Called in the transaction that writes them."""
        self.tally += tally
