"""A PostgreSQL of our own from installed binaries: throw-away, or kept in a directory.

    with temporary_postgres() as url: ...          # gone afterwards
    with start(".runinsights") as server: ...      # the data stays; other processes share the server

It listens on a Unix socket in a directory of mode 0700 and on nothing else. The server never outlives its
users: the last one stops it, and a user that is killed counts as gone.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import psycopg

from runinsights._embedded_keeper import lock, open_lock, start_keeper
from runinsights._embedded_programs import (
    PUBLIC_TEMP,
    PostgresFailed,
    PostgresNotFound,
    environment,
    programs_for,
)

__all__ = ["PostgresFailed", "PostgresNotFound", "Server", "start", "temporary_postgres", "temporary_server"]

_OVER_TCP = sys.platform == "win32"
_LONGEST_SOCKET = 106
_PATIENCE = 60.0
_TRIES = 6
_UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_LOCALE = {"linux": "C.UTF-8", "darwin": "en_US.UTF-8"}.get(sys.platform, "C")

StopMode = Literal["smart", "fast", "immediate"]


@contextlib.contextmanager
def temporary_postgres(*, fsync: bool = False, settings: Mapping[str, str] | None = None) -> Generator[str]:
    """The URL of a fresh PostgreSQL that is gone afterwards; `settings` are for the server."""
    with temporary_server(fsync=fsync, settings=settings) as server:
        yield server.url


def temporary_server(
    *, fsync: bool = False, settings: Mapping[str, str] | None = None, within: str | None = None
) -> Server:
    """A fresh server, in the temporary folder or `within` another, that is gone once stopped.

    Unlike with the bare URL of `temporary_postgres`, it can be looked at and restarted.
    """
    place = Path(within or tempfile.gettempdir(), f"runinsights-{secrets.token_hex(6)}").absolute()
    return Server(place, fsync=fsync, settings=settings or {}, temporary=True)


def start(
    directory: str | os.PathLike[str], *, fsync: bool = True, settings: Mapping[str, str] | None = None
) -> Server:
    """The server that lives in `directory`: made at the first call, shared with whoever started it before."""
    return Server(Path(directory).absolute(), fsync=fsync, settings=settings or {}, temporary=False)


class Server:
    """A running PostgreSQL that this process uses until `stop()` or its own end; made by `start`.

    Attributes: `directory` (what belongs to the server), `log` (its log file).
    """

    def __init__(self, directory: Path, *, fsync: bool, settings: Mapping[str, str], temporary: bool) -> None:
        self.directory = directory
        self.log = directory / "log"
        self._settings = ({} if fsync else _UNSAFE) | dict(settings)
        self._temporary = temporary
        self._process = os.getpid()
        self._locks: list[int] = []
        try:
            _make_directory(directory)
            with self._alone():
                self._begin()
        except OSError as error:
            raise PostgresFailed(f"cannot keep a PostgreSQL server in {directory}: {error}") from error

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return (self.directory / "data").resolve()

    @property
    def binaries(self) -> Path:
        """The folder of the PostgreSQL programs in use."""
        return self._programs.folder

    @property
    def pid(self) -> int:
        """The process id of the postmaster."""
        return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])

    @property
    def url(self) -> str:
        """The URL of the server's own database, for the superuser."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """The URL of one of the server's databases, for the superuser."""
        name = quote(database, safe="")
        if _OVER_TCP:
            password, port = ((self.directory / part).read_text() for part in ("password", "port"))
            return f"postgresql://postgres:{password}@127.0.0.1:{port}/{name}"
        return f"postgresql://postgres@{quote(str(self._socket), safe='')}:5432/{name}"

    def alive(self) -> bool:
        """Does the server answer a connection? A process id would prove nothing."""
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except (psycopg.OperationalError, FileNotFoundError):
            return False
        return True

    def restart(self, mode: StopMode = "fast") -> None:
        """Stop the server under all its users, unless it is dead already, and start it on the same data."""
        with self._alone():
            self._halt(mode)
            self._run()

    def stop(self) -> None:
        """Stop using the server; the last user also ends it, and a throw-away one is removed."""
        if self._locks and self._process == os.getpid():
            with self._alone():
                self._leave()

    @contextlib.contextmanager
    def _alone(self) -> Generator[None]:
        """Only one process at a time starts or stops the server of a directory."""
        guard = open_lock(self.directory / "lock")
        try:
            lock(guard)
            yield
        finally:
            os.close(guard)

    def _begin(self) -> None:
        try:
            self._programs = programs_for(self.directory)
            self._join()
            self._make()
            self._run()
        except BaseException:
            self._leave()
            raise

    def _join(self) -> None:
        """Count as a user. The keeper waits for `watched`, so that `users` tells users from the keeper."""
        for name in ("users", "watched"):
            self._locks.append(open_lock(self.directory / name))
            lock(self._locks[-1], shared=True)

    def _leave(self) -> None:
        last = self._temporary or (bool(self._locks) and lock(self._locks[0], wait=False))
        keepers = open_lock(self.directory / "keeper")
        while self._locks:
            os.close(self._locks.pop())
        if last:
            _await_end(keepers)
            for path in self._remains():
                shutil.rmtree(path, ignore_errors=True)
        os.close(keepers)

    def _remains(self) -> list[str]:
        """What is to be removed after a throw-away server."""
        return [str(path) for path in (self._socket, self.data.parent, self.directory) if self._temporary]

    @property
    def _socket(self) -> Path:
        return (self.data.parent / "socket").resolve()

    def _make(self) -> None:
        """Make the socket directory and the data directory where they are missing."""
        base = self.data.parent
        self._make_socket(base / "socket")
        if (self.data / "PG_VERSION").exists():
            return
        fresh = base / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        self._own(fresh)
        said = self._programs.run("initdb", "-D", fresh, *self._initdb_options(), home=fresh)
        if said.returncode:
            raise PostgresFailed(f"initdb failed in {fresh}: {(said.stderr or said.stdout).strip()}")
        fresh.rename(self.data)

    def _make_socket(self, folder: Path) -> None:
        path = str(folder / ".s.PGSQL.5432")
        fits = len(path) <= _LONGEST_SOCKET and quote(path) == path
        if folder.exists() and (fits or folder.is_symlink()):
            return
        folder.unlink() if folder.is_symlink() else shutil.rmtree(folder, ignore_errors=True)
        if fits:
            self._own(folder)
        else:
            short = tempfile.mkdtemp(prefix="ri-", dir=PUBLIC_TEMP)
            self._own(Path(short))
            folder.symlink_to(short)

    def _own(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        if self._programs.account:
            os.chown(folder, *self._programs.account)

    def _initdb_options(self) -> list[str]:
        options = ["--username=postgres", "--encoding=UTF8", "--no-instructions", f"--locale={_LOCALE}"]
        if self._programs.version >= 17:
            options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if self._settings.get("fsync") == "off":
            options.append("--no-sync")
        if not _OVER_TCP:
            return [*options, "--auth=trust"]
        password = self.directory / "password"
        password.write_text(secrets.token_hex(16))
        password.chmod(0o600)
        if self._programs.account:
            os.chown(password, *self._programs.account)
        return [*options, "--auth=scram-sha-256", f"--pwfile={password}"]

    def _run(self) -> None:
        """Start the server unless it answers; after a crash the old backends may hold on for a moment."""
        crashed = self._is_kept() or (self.data / "postmaster.pid").exists()
        for _ in range(_TRIES if crashed else 1):
            if not self._is_kept():
                self._halt("fast")
                (self.data / "postmaster.pid").unlink(missing_ok=True)
                self._keep()
            if self._comes_up():
                return
            time.sleep(0.3)
        said = "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
        raise PostgresFailed(f"the PostgreSQL server in {self.directory} does not start:\n{said}")

    def _comes_up(self) -> bool:
        deadline = time.monotonic() + _PATIENCE
        while self._is_kept():
            if self.alive():
                return True
            if time.monotonic() > deadline:
                raise PostgresFailed(f"the PostgreSQL server in {self.directory} does not answer; see {self.log}")
            time.sleep(0.02)
        return False

    def _is_kept(self) -> bool:
        keepers = open_lock(self.directory / "keeper")
        try:
            return not lock(keepers, shared=True, wait=False)
        finally:
            os.close(keepers)

    def _halt(self, mode: StopMode) -> None:
        """End the server if there is one; a process id alone may be somebody else's by now."""
        if self._is_kept() or self.alive():
            self._programs.run("pg_ctl", "stop", "-m", mode, "-D", self.data, home=self.data)
        keepers = open_lock(self.directory / "keeper")
        _await_end(keepers)
        os.close(keepers)

    def _keep(self) -> None:
        spec = {
            "command": self._programs.command("postgres", "-D", self.data, *self._options()),
            "stop": self._programs.command(
                "pg_ctl", "stop", "-W", "-m", "immediate" if self._temporary else "fast", "-D", self.data
            ),
            "identity": self._programs.identity,
            "remove": self._remains(),
        }
        start_keeper(self.directory, spec, environment(self.data))

    def _options(self) -> list[str]:
        if _OVER_TCP:
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = str(free.getsockname()[1])
            (self.directory / "port").write_text(port)
            where = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "port": port}
        else:
            where = {"listen_addresses": "", "unix_socket_directories": str(self._socket), "port": "5432"}
        return [part for name, value in (where | self._settings).items() for part in ("-c", f"{name}={value}")]


def _make_directory(directory: Path) -> None:
    """Make a server's directory; the account that PostgreSQL runs as instead of root may pass through it."""
    if not directory.exists():
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o711 if sys.platform != "win32" and os.geteuid() == 0 else 0o700)


def _await_end(keepers: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not lock(keepers, shared=True, wait=False) and time.monotonic() < deadline:
        time.sleep(0.01)
