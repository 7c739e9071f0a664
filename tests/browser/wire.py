"""A connection between browser and portal that is cut at the socket, wherever a test wants it."""

import select
import socket
import struct
import threading
from contextlib import suppress
from urllib.parse import urlsplit

RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closed without a farewell


class Wire:
    """Passes everything on to the portal, at an address of its own.

    `cut` is what becomes of a form: "" for nothing, "half" when the connection breaks while it is
    sent, "unanswered" when it breaks before the answer.
    """

    def __init__(self, portal: str) -> None:
        self.cut = ""
        self._portal = urlsplit(portal)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://{self._portal.hostname}:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                browser, _ = self._listening.accept()
                threading.Thread(target=self._pass_on, args=[browser], daemon=True).start()

    def _pass_on(self, browser: socket.socket) -> None:
        with browser, socket.create_connection(("127.0.0.1", self._portal.port or 80)) as server:
            is_form = False
            with suppress(OSError):
                while True:
                    for end in select.select([browser, server], [], [])[0]:
                        data = end.recv(65536)
                        if not data:
                            return
                        if end is browser:
                            is_form = data[:5] == b"POST " or (is_form and data[:4] != b"GET ")
                        if is_form and self.cut == ("half" if end is browser else "unanswered"):
                            server.sendall(data[: len(data) // 2] if end is browser else b"")
                            browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                            return
                        (server if end is browser else browser).sendall(data)
