"""An S3 server behind a gate: it passes requests on, refuses, hangs, answers 500, or is full.

The server stays up whatever the gate does, as a storage keeps its objects when it does not answer.
"""

import socket
import socketserver
import threading
from contextlib import suppress
from typing import Literal

from tests.services import free_port

Mode = Literal["open", "refuses", "hangs", "answers 500", "is full"]
BLOCK = 1 << 16
ERROR = "<?xml version='1.0'?><Error><Code>{code}</Code><Message>on purpose</Message></Error>"
ANSWERS = {  # what stands for every request, or for every PUT where the storage is full
    "answers 500": ("500 Internal Server Error", "InternalError"),
    "is full": ("507 Insufficient Storage", "XMinioStorageFull"),
}


class Gate:
    """A port that stands for an S3 server.

    Attributes:
        mode: what happens to requests; connections that are open are cut when it changes.
    """

    def __init__(self, server_port: int) -> None:
        self.port, self.server_port = free_port(), server_port
        self.mode: Mode = "open"
        self._open: set[socket.socket] = set()
        self._listener: socketserver.ThreadingTCPServer | None = None
        self.set("open")

    def set(self, mode: Mode) -> None:
        """Change what happens to requests."""
        self.mode = mode
        if mode == "refuses":
            self.close()
        elif self._listener is None:
            self._listen()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        if self._listener is not None:
            self._listener.shutdown()
            self._listener.server_close()
            self._listener = None

    def _listen(self) -> None:
        gate = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                gate._serve(self.request)

        class Listener(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True
            request_queue_size = 128

        self._listener = Listener(("127.0.0.1", self.port), Handler)
        threading.Thread(
            target=self._listener.serve_forever, args=(0.05,), name="gate", daemon=True
        ).start()

    def _serve(self, client: socket.socket) -> None:
        self._open.add(client)
        try:
            with suppress(OSError):
                self._answer(client)
        finally:
            self._open.discard(client)

    def _answer(self, client: socket.socket) -> None:
        """Do with a connection what the mode says; only its first request decides."""
        first = b""
        while self.mode == "hangs" or not first:
            first = first or client.recv(BLOCK)
            if not first or self.mode == "hangs" and not client.recv(BLOCK):
                return
        if self.mode == "answers 500" or self.mode == "is full" and first.startswith(b"PUT"):
            status, code = ANSWERS[self.mode]
            body = ERROR.format(code=code)
            head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            client.sendall((head + body).encode())
            client.settimeout(1)
            while client.recv(BLOCK):  # or the answer would be lost in a reset
                pass
            return
        if self.mode == "is full":  # so that the next request, perhaps a PUT, comes anew
            first = first.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        with socket.create_connection(("127.0.0.1", self.server_port)) as server:
            server.sendall(first)
            back = threading.Thread(target=_copy, args=(server, client), daemon=True)
            back.start()
            _copy(client, server)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while block := source.recv(BLOCK):
            target.sendall(block)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
