"""A TCP proxy in front of a server's socket that can cut a connection before or after a statement took effect."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Literal

Cut = Literal["before", "after"]


class CuttingProxy:
    """Listens on loopback; `cut` arms it for the next statement of any connection."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._cut: Cut | None = None
        self._commit = False
        self._lock = threading.Lock()
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def cut(self, when: Cut) -> None:
        self._commit = False
        self._cut = when

    def cut_commit(self, when: Cut) -> None:
        """Arm it for the next COMMIT alone."""
        self._commit = True
        self._cut = when

    def disarm(self) -> None:
        """An armed cut that no statement met would hit the wrong one."""
        self._cut = None

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self._upstream)
            except OSError:
                client.close()
                continue
            threading.Thread(target=self._serve, args=(client, server), daemon=True).start()

    def _serve(self, client: socket.socket, server: socket.socket) -> None:
        cut_answers = threading.Event()
        threading.Thread(target=self._answers, args=(client, server, cut_answers), daemon=True).start()
        buffer = b""
        started = False
        with _both(client, server):
            while data := client.recv(65536):
                buffer += data
                kinds, rest, started = _frames(buffer, started)
                executes = any(kind in (b"E", b"Q") for kind in kinds)
                when = self._take() if executes and (not self._commit or b"COMMIT\x00" in data) else None
                if when == "before":
                    return
                if when == "after":
                    cut_answers.set()
                buffer = rest
                server.sendall(data)

    def _take(self) -> Cut | None:
        with self._lock:
            when, self._cut = self._cut, None
            self.cuts += when is not None
            return when

    def _answers(self, client: socket.socket, server: socket.socket, cut: threading.Event) -> None:
        tail = b""
        with _both(client, server):
            while data := server.recv(65536):
                if cut.is_set():
                    tail = (tail + data)[-6:]
                    if tail[:5] == b"Z\x00\x00\x00\x05":  # ready for the next: what was asked is committed
                        client.shutdown(socket.SHUT_RDWR)
                        return
                    continue
                client.sendall(data)


@contextlib.contextmanager
def _both(*ends: socket.socket) -> Iterator[None]:
    """Ends both directions; a close alone would not wake the thread that reads the other."""
    try:
        with contextlib.suppress(OSError):
            yield
    finally:
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def _frames(buffer: bytes, started: bool) -> tuple[list[bytes], bytes, bool]:
    """The kinds of the whole messages in a buffer, what is left of it, and whether the start-up message is over."""
    kinds: list[bytes] = []
    while True:
        head = 1 if started else 0
        if len(buffer) < head + 4:
            return kinds, buffer, started
        (length,) = struct.unpack("!I", buffer[head : head + 4])
        if len(buffer) < head + length:
            return kinds, buffer, started
        if started:
            kinds.append(buffer[:1])
        buffer = buffer[head + length :]
        started = True
