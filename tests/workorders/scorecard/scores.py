"""The scorecard's addresses, and its figures counted once more: by hand."""

import csv
import datetime as dt
import statistics
from collections import Counter
from typing import Any

from django.db import connection
from django.urls import reverse

from workorders.models import WorkOrder

URL, LIST, CSV = reverse("scorecard"), reverse("scorecard-work-orders"), reverse("scorecard-csv")
NOON = dt.datetime(2026, 3, 11, 20, tzinfo=dt.UTC)
WHOLE_YEARS = "first=2024-01&last=2026-12"

# What counts, written once more: by hand, and by no name of `scoring`
CARD = """
WITH today(zone, day) AS (VALUES {today}),
said AS (
  SELECT r.work_order_id, r.reason,
    (SELECT kind FROM workorders_verdict WHERE id = (
      SELECT MAX(id) FROM workorders_verdict WHERE missed_sla_id = r.id)
    ) AS kind
  FROM workorders_missedslareason r
  WHERE r.counts AND r.cycle = 1
),
card AS (
  SELECT w.number, t.name AS territory, e.name AS entitlement, w.work_type, p.name AS partner,
    COALESCE(w.outcome_target_on, w.target_on, w.kept_target_on) AS day,
    CASE WHEN w.outcome_target_on IS NULL OR w.outcome_on > w.outcome_target_on THEN 1 ELSE 0 END
    AS missed,
    CASE WHEN w.outcome_on > w.outcome_target_on THEN w.outcome_days_late END AS days,
    COALESCE(said.reason, 'none') AS reason, COALESCE(said.kind, '') AS kind, 0 AS declined,
    CASE WHEN w.outcome_target_on IS NOT NULL AND w.outcome_nobody_there
      OR w.outcome_target_on IS NULL AND w.nobody_there THEN 1 ELSE 0 END AS nobody
  FROM workorders_workorder w
  JOIN workorders_site s ON s.id = w.site_id
  JOIN today ON today.zone = s.time_zone
  JOIN workorders_serviceterritory t ON t.id = w.territory_id
  JOIN workorders_entitlement e ON e.id = w.entitlement_id
  JOIN people_partner p ON p.id = w.partner_id
  LEFT JOIN workorders_appointment a ON a.id = w.appointment_id
  LEFT JOIN said ON said.work_order_id = w.id
  WHERE w.outcome_target_on IS NOT NULL AND w.status <> 'canceled'
    OR w.outcome_days_late IS NULL
    AND w.status NOT IN ('completed', 'closed', 'could-not-complete', 'canceled')
    AND (w.kept_target_on < today.day AND w.visited_on > w.kept_target_on
      AND w.visited_on > COALESCE(w.protected_until, w.kept_target_on)
      OR w.target_on < today.day AND (
      w.visited_on > COALESCE(w.protected_until, w.target_on) AND w.visited_on > w.target_on
      OR w.visited_on IS NULL AND a."on" > COALESCE(w.protected_until, w.target_on)
      AND a."on" > w.target_on
      OR w.visited_on IS NULL AND a.id IS NULL
      AND (w.parts_due_on IS NULL OR w.parts_due_on >= today.day)
    ))
  UNION ALL
  SELECT w.number, t.name, e.name, w.work_type, p.name, a.outcome_target_on, 1,
    a.outcome_days_late, COALESCE(r.reason, 'none'), COALESCE(
      (SELECT kind FROM workorders_verdict WHERE id = (
        SELECT MAX(id) FROM workorders_verdict WHERE missed_sla_id = r.id)
      ), ''), 1, 0
  FROM workorders_pastassignment a
  JOIN workorders_workorder w ON w.id = a.work_order_id
  JOIN workorders_serviceterritory t ON t.id = w.territory_id
  JOIN workorders_entitlement e ON e.id = w.entitlement_id
  JOIN people_partner p ON p.id = a.partner_id
  LEFT JOIN workorders_missedslareason r ON r.id = a.missed_sla_id
  WHERE a.outcome_target_on IS NOT NULL
)
SELECT number, territory, entitlement, work_type, partner, day, missed, days, reason, kind,
  declined, nobody
FROM card
WHERE day >= %s AND day < %s {filters}
"""


# Each status with what comes next, and what was waited for
SPELLS = """
WITH statuses AS (
  SELECT l.work_order_id, l.id, l.at,
    CASE WHEN l.event = 'created' THEN 'assigned' ELSE {status} END AS status
  FROM workorders_ledgerentry l
  WHERE l.shipment_id IS NULL AND l.file_id IS NULL
    AND (l.event = 'created' OR {status} IS NOT NULL)
),
spell AS (
  SELECT work_order_id, status, {seconds} AS began,
    LEAD({seconds}, 1, {now}) OVER (PARTITION BY work_order_id ORDER BY id) AS ended
  FROM statuses
)
SELECT w.number, s.status, s.ended - s.began,
  (SELECT h.cause FROM workorders_hold h WHERE h.work_order_id = w.id ORDER BY h.id DESC LIMIT 1)
FROM spell s JOIN workorders_workorder w ON w.id = s.work_order_id
WHERE s.status IN ('assigned', 'ship-to-received', 'parts-ordered', 'shipping', 'shipped',
  'in-progress', 'on-hold', 'completed')
"""
PARTS = ("ship-to-received", "parts-ordered", "shipping", "shipped")
WAITS_FOR = {
    "unresponsive-poc": "poc",
    "poc-preference": "poc",
    "work-order-management": "operator",
    "weather": "weather",
    "technician": "partner",
    "on-site-requirement": "access",
    "regulatory": "access",
    "part-late": "parts",
    "parts-damaged": "parts",
}


def spells(now) -> list[tuple[str, str, int, str | None]]:
    """Number, status, seconds in it and cause of the last hold, as plain SQL finds them."""
    words = {
        "sqlite": ("json_extract(l.changes, '$.status[1]')", "unixepoch(at)"),
        "postgresql": ("l.changes #>> '{status,1}'", "EXTRACT(EPOCH FROM at)::bigint"),
    }
    status, seconds = words[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(SPELLS.format(status=status, seconds=seconds, now=int(now.timestamp())))
        return list(cursor.fetchall())


def days_by_hand(rows, status_spells) -> dict[str, dict[str, float]]:
    """Days by status and by cause, of the work orders of a card."""
    own = [row for row in rows if not row["declined"]]
    missed_for = {row["number"]: row["reason"] if row["missed"] else "" for row in own}
    found: dict[str, Counter[str]] = {"spent": Counter(), "waited": Counter()}
    for number, status, seconds, held_for in status_spells:
        if number in missed_for:
            fixed = {"assigned": "partner", "on-hold": held_for or "unsaid"} | dict.fromkeys(
                PARTS, "parts"
            )
            fixed["in-progress"] = WAITS_FOR.get(missed_for[number], "")
            found["spent"][status] += seconds
            found["waited"][fixed.get(status, "")] += seconds
    del found["waited"][""]
    return {name: {key: n / 86400 for key, n in sums.items() if n} for name, sums in found.items()}


def days_shown(page) -> dict[str, dict[str, float]]:
    lines = {
        name: {line.url.rpartition("=")[2]: line.total for line in page[name]}
        for name in ("spent", "waited")
    }
    return {name: {key: days for key, days in each.items() if days} for name, each in lines.items()}


def by_hand(now, first, last, **filters) -> list[dict[str, Any]]:
    """The work orders of a card as plain SQL finds them; `last` is the first day that is out."""
    word = "DATE " if connection.vendor == "postgresql" else ""
    zones = {site.time_zone: site.site_day for site in _sites(now)}
    today = ", ".join(f"('{zone}', {word}'{day}')" for zone, day in zones.items())
    also = "".join(f" AND {name} = %s" for name in filters)
    with connection.cursor() as cursor:
        cursor.execute(CARD.format(today=today, filters=also), [first, last, *filters.values()])
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def _sites(now):
    for site in WorkOrder.site.field.related_model.objects.all():
        site.site_day = now.astimezone(site.zone).date()
        yield site


def figures_of(rows) -> dict[str, Any]:
    """The figures of a card, from its work orders one by one."""
    missed = [row for row in rows if row["missed"]]
    excused = [row for row in missed if row["kind"] == "excused"]
    days = [row["days"] for row in rows if row["days"] is not None]
    counted, unexcused = len(rows), len(rows) - len(excused)
    in_time = counted - len(missed)
    return {
        "counted": counted,
        "in_time": in_time,
        "missed": len(missed),
        "excused": len(excused),
        "nobody": sum(row["nobody"] for row in rows),
        "share": in_time / counted if counted >= 20 else None,
        "share_without_excused": in_time / unexcused if unexcused >= 20 else None,
        "median": statistics.median(days) if days else None,
    }


def shown(score) -> dict[str, Any]:
    return {name: getattr(score, name) for name in figures_of([])}


def lengths(rows) -> dict[str, int]:
    """How long the list behind each figure is."""
    figures = figures_of(rows)
    known = {name: figures[name] for name in ("counted", "in_time", "missed", "excused", "nobody")}
    late = sum(row["days"] is not None for row in rows)
    return known | {
        "share": known["counted"],
        "fair": known["counted"] - known["excused"],
        "median": late,
    }


def month_of(row) -> str:
    return str(row["day"])[:7]


def numbers_in(browser, url) -> list[str]:
    """All that its pages list, one after the other."""
    page = browser.get(url)
    found = [row.work_order.number for row in page.context["rows"]]
    assert page.context["count"] >= len(found)
    after = page.context["next_page"]
    return found + (numbers_in(browser, after) if after else [])


def csv_of(browser, query) -> list[dict[str, str]]:
    text = b"".join(browser.get(f"{CSV}?{query}").streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))
