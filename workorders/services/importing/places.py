"""Accounts, sites and stations of a file.

A site is known by account and name, a station by its serial; case, blanks and invisible characters
make no difference.
"""

from collections.abc import Callable, Iterator

from workorders.folding import fold
from workorders.models import Account, Site, Station
from workorders.services import saving
from workorders.services.errors import DomainError
from workorders.services.importing.cells import shown
from workorders.services.importing.matching import Namesakes
from workorders.services.importing.reading import Row
from workorders.services.importing.results import CellChange, RowError
from workorders.services.places import save_place

ADDRESS = ("street", "city", "region", "postal_code", "country", "time_zone")
COLUMNS = ("account", "site", "station_serial")
NAMES = ("account", "site")  # what is compared as people read it

FirstLine = tuple[int, dict[str, str]]  # the line that first describes a place, and its facts


class Places:
    """The places of a file: `load` fetches them, `settle` creates or updates them."""

    def __init__(self) -> None:
        self._first_lines: dict[tuple[str, ...], FirstLine] = {}
        self._undo: list[Callable[[], object]] = []  # what the row has done on paper
        self._begin()

    def _begin(self) -> None:
        self._accounts = Namesakes[Account]("name", "account")
        self._sites = Namesakes[Site]("name", "site")  # of accounts, by the name of theirs
        self._stations = Namesakes[Station]("serial", "station")

    def conflicts(self, row: Row) -> Iterator[RowError]:
        """Errors for rows that contradict an earlier one about the same site or station."""
        values = row.values
        facts = {column: values[column] for column in ADDRESS}
        key = fold(values["account"]), fold(values["site"])
        yield from self._compared(row, "site", key, facts)
        serial = values["station_serial"]
        facts = {column: values[column] for column in ("station_model", *NAMES)}
        yield from self._compared(row, f"station {shown(serial)}", (fold(serial),), facts)

    def _compared(
        self, row: Row, what: str, key: tuple[str, ...], facts: dict[str, str]
    ) -> Iterator[RowError]:
        line, first = self._first_lines.setdefault(key, (row.line, facts))
        for column, value in facts.items():
            is_same = first[column] == value
            if column in NAMES:
                is_same = fold(first[column]) == fold(value)
            if not is_same:
                other = f"{shown(first[column])} on line {line}"
                message = f"{shown(value)} differs from {other} for the same {what}"
                yield RowError(row.line, column, message)

    def load(self, rows: list[Row]) -> None:
        """On paper, rows have left places as nobody else sees them: those stay."""
        if not saving.is_on_paper():
            self._begin()
        self._fetch(rows)

    def _fetch(self, rows: list[Row]) -> None:
        names = {column: {fold(row.values[column]) for row in rows} for column in COLUMNS}
        for account in Account.objects.filter(folded__in=names["account"]):
            self._accounts.add(account)
        sites = Site.objects.filter(account__folded__in=names["account"], folded__in=names["site"])
        for site in sites.select_related("account"):
            self._sites.add(site, site.account.name)
        stations = Station.objects.filter(folded__in=names["station_serial"])
        for station in stations.select_related("site"):
            self._stations.add(station)

    def forget(self, row: Row) -> None:
        """Fetch the row's places again after what it did to them was rolled back."""
        if saving.is_on_paper():
            for undo in reversed(self._undo):
                undo()
            return
        self._accounts.forget(row.values["account"])
        self._sites.forget(row.values["site"], row.values["account"])
        self._stations.forget(row.values["station_serial"])
        self._fetch([row])

    def settle(self, row: Row) -> tuple[Site, Station, list[CellChange]]:
        """Create or update the row's site and station; with what changed in existing ones.

        The row is given their names as they are here. Raises DomainError for a station that is at
        another site, and for a name that may mean several.
        """
        self._undo = []
        site, changes = self._settle_site(row)
        serial, model = row.values["station_serial"], row.values["station_model"]
        station = self._stations.the_one(serial)
        if station is None:
            station = Station(site=site, serial=serial, model=model)
            saving.save_new(station)
            self._undo.append(self._stations.add(station))
        elif station.site_id != site.pk:
            raise DomainError(
                f"station {shown(station.serial)} is at another site, {station.site.name}",
                "station",
            )
        elif station.model != model:
            changes.append(CellChange("station_model", station.model, model))
            self._set(station, {"model": model})
            saving.save(station, "model")
        row.values["station_serial"] = station.serial
        return site, station, changes

    def _settle_site(self, row: Row) -> tuple[Site, list[CellChange]]:
        account = self._account(row)
        site = self._sites.the_one(row.values["site"], account.name)
        address = {column: row.values[column] for column in ADDRESS}
        if site is None:
            site = Site(account=account, name=row.values["site"], **address)
            saving.save_new(site)
            self._undo.append(self._sites.add(site, account.name))
            return site, []
        row.values["site"] = site.name
        current = {column: getattr(site, column) for column in ADDRESS}
        changes = [
            CellChange(column, current[column], value)
            for column, value in address.items()
            if current[column] != value
        ]
        if changes:
            self._set(site, {change.field: change.new for change in changes})
            saving.by_itself()
            if not saving.is_on_paper():
                save_place(site, fields=[change.field for change in changes], by=None)
        return site, changes

    def _account(self, row: Row) -> Account:
        name = row.values["account"]
        account = self._accounts.the_one(name)
        if account is None:
            account = _new_account(name)
            self._undo.append(self._accounts.add(account))
        row.values["account"] = account.name
        return account

    def _set(self, place: Site | Station, values: dict[str, str]) -> None:
        before = {column: getattr(place, column) for column in values}
        vars(place).update(values)
        self._undo.append(lambda: vars(place).update(before))


def _new_account(name: str) -> Account:
    if not saving.is_on_paper():  # another import may have made it just now
        return Account.objects.get_or_create(name=name)[0]
    account = Account(name=name)
    saving.save_new(account)
    return account
