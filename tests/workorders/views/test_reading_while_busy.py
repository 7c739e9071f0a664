"""What is only read opens while somebody else writes: that it was read is kept next time."""

import sqlite3

import pytest
from django.db import connection
from django.urls import reverse

from tests.factories import make_accepted
from workorders import services

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL locks rows, and no reader waits for them"
)


def test_notifications_and_comments_open_while_the_database_is_busy(
    real_transactions, dana, staff, client_of
):
    row = make_accepted(dana)
    services.comment(row, body="Which gate?", by=staff)
    browser = client_of(dana)
    pages = [reverse("notifications"), reverse("collaborate", args=[row.number])]
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert [browser.get(page).status_code for page in pages] == [200, 200]
    assert dana.notifications.unread().exists()
    other.execute("ROLLBACK")
    other.close()
    browser.get(pages[0])
    assert not dana.notifications.unread().exists()
