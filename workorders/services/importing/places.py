"""Accounts, sites and stations of a file.

A site is known by account and name, a station by its serial.
"""

from collections.abc import Callable, Iterator

from workorders.models import Account, Site, Station
from workorders.services import saving
from workorders.services.errors import DomainError
from workorders.services.importing.cells import shown
from workorders.services.importing.reading import Row
from workorders.services.importing.results import CellChange, RowError
from workorders.services.places import save_place

ADDRESS = ("street", "city", "region", "postal_code", "country", "time_zone")

SiteKey = tuple[str, str]  # account and name
FirstLine = tuple[int, dict[str, str]]  # the line that first describes a place, and its facts


class Places:
    """The places of a file: `load` fetches them, `settle` creates or updates them."""

    def __init__(self) -> None:
        self._sites: dict[SiteKey, Site] = {}
        self._stations: dict[str, Station] = {}
        self._first_lines: dict[tuple[str, ...], FirstLine] = {}
        self._accounts: dict[str, Account] = {}
        self._undo: list[Callable[[], object]] = []  # what the row has done on paper

    def conflicts(self, row: Row) -> Iterator[RowError]:
        """Errors for rows that contradict an earlier one about the same site or station."""
        facts = {column: row.values[column] for column in ADDRESS}
        yield from self._compared(row, "site", site_key(row), facts)
        serial = row.values["station_serial"]
        account, site = site_key(row)
        facts = {"station_model": row.values["station_model"], "account": account, "site": site}
        yield from self._compared(row, f"station {shown(serial)}", (serial,), facts)

    def _compared(
        self, row: Row, what: str, key: tuple[str, ...], facts: dict[str, str]
    ) -> Iterator[RowError]:
        line, first = self._first_lines.setdefault(key, (row.line, facts))
        for column, value in facts.items():
            if first[column] != value:
                other = f"{shown(first[column])} on line {line}"
                message = f"{shown(value)} differs from {other} for the same {what}"
                yield RowError(row.line, column, message)

    def load(self, rows: list[Row]) -> None:
        accounts = {row.values["account"] for row in rows}
        names = {row.values["site"] for row in rows}
        sites = Site.objects.filter(account__name__in=accounts, name__in=names)
        found = {(site.account.name, site.name): site for site in sites.select_related("account")}
        serials = {row.values["station_serial"] for row in rows}
        stations = {row.serial: row for row in Station.objects.filter(serial__in=serials)}
        on_paper = saving.is_on_paper()  # where rows have left them as nobody else sees them
        self._sites = found | (self._sites if on_paper else {})
        self._stations = stations | (self._stations if on_paper else {})

    def forget(self, row: Row) -> None:
        """Fetch the row's places again after what it did to them was rolled back."""
        if saving.is_on_paper():
            for undo in reversed(self._undo):
                undo()
            return
        self._sites.pop(site_key(row), None)
        self._stations.pop(row.values["station_serial"], None)
        account, name = site_key(row)
        for site in Site.objects.select_related("account").filter(account__name=account, name=name):
            self._sites[account, name] = site
        for station in Station.objects.filter(serial=row.values["station_serial"]):
            self._stations[station.serial] = station

    def changes(self, row: Row) -> list[CellChange]:
        """What the row would change in existing places."""
        site = self._sites.get(site_key(row))
        station = self._stations.get(row.values["station_serial"])
        current = {column: getattr(site, column) for column in ADDRESS} if site else {}
        current |= {"station_model": station.model} if station else {}
        known = {column: (old, row.values[column]) for column, old in current.items()}
        return [CellChange(column, old, new) for column, (old, new) in known.items() if old != new]

    def settle(self, row: Row) -> tuple[Site, Station]:
        """Create or update the row's site and station.

        Raises DomainError for a station that is at another site.
        """
        self._undo = []
        site = self._settle_site(row)
        serial, model = row.values["station_serial"], row.values["station_model"]
        station = self._stations.get(serial)
        if station is None:
            station = self._stations[serial] = Station(site=site, serial=serial, model=model)
            saving.save_new(station)
            self._undo.append(lambda: self._stations.pop(serial))
        elif station.site_id != site.pk:
            raise DomainError(
                f"station {shown(serial)} is at another site, {station.site.name}", "station"
            )
        elif station.model != model:
            self._set(station, {"model": model})
            saving.save(station, "model")
        return site, station

    def _settle_site(self, row: Row) -> Site:
        key = site_key(row)
        address = {column: row.values[column] for column in ADDRESS}
        site = self._sites.get(key)
        if site is None:
            site = self._sites[key] = Site(account=self._account(key[0]), name=key[1], **address)
            saving.save_new(site)
            self._undo.append(lambda: self._sites.pop(key))
            return site
        changed = [column for column, value in address.items() if getattr(site, column) != value]
        if changed:
            self._set(site, {column: address[column] for column in changed})
            if not saving.is_on_paper():
                save_place(site, fields=changed, by=None)
        return site

    def _set(self, place: Site | Station, values: dict[str, str]) -> None:
        before = {column: getattr(place, column) for column in values}
        vars(place).update(values)
        self._undo.append(lambda: vars(place).update(before))

    def _account(self, name: str) -> Account:
        if saving.is_on_paper():
            known = Account.objects.filter(name=name).first()
            return known or self._accounts.setdefault(name, Account(name=name))
        return Account.objects.get_or_create(name=name)[0]


def site_key(row: Row) -> SiteKey:
    return row.values["account"], row.values["site"]
