"""`runinsights lab`: JupyterLab on a copy of the notebooks, on loopback, connected to a database or the demo."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

import runinsights as ri
from runinsights.cli import COULD_NOT_RUN, USAGE, main
from runinsights.cli import lab as command

ROOT = Path(__file__).parents[1]
NAMES = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
SECRET = "moon7river"


class Served:
    """A running lab: its address and token, and what it writes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said = ""
        while not (found := re.search(r"(http://127\.0\.0\.1:\d+)/\S*\?token=(\w+)", self.said)):
            assert process.stderr
            line = process.stderr.readline()
            assert line, f"the lab ended:\n{self.said}"
            self.said += line
        self.address, self.token = found.groups()
        self._await_its_port()

    def _await_its_port(self) -> None:
        """The address is printed a moment before the server listens."""
        where = ("127.0.0.1", int(self.address.rsplit(":", 1)[1]))
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with contextlib.suppress(ConnectionRefusedError):
                return socket.create_connection(where, 1).close()
            time.sleep(0.05)
        raise AssertionError(f"the lab does not listen:\n{self.said}")

    def get(self, path: str) -> Any:
        request = Request(f"{self.address}/{path}", headers={"Authorization": f"token {self.token}"})
        with urlopen(request, timeout=20) as answer:
            return json.loads(answer.read())

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        self.said += self.process.communicate(timeout=30)[1]
        return self.process.returncode


@contextmanager
def lab(folder: Path, *options: str, **environment: str) -> Iterator[Served]:
    from jupyterlab.commands import get_app_dir

    if not (Path(get_app_dir()) / "static" / "index.html").is_file():
        pytest.skip("JupyterLab's own files are not in this environment")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    clean = {name: value for name, value in os.environ.items() if name != "RUNINSIGHTS_DATABASE_URL"}
    start = [sys.executable, "-m", "runinsights.cli", "lab", "--no-browser", "--port", port, *options]
    own = {"JUPYTER_RUNTIME_DIR": str(folder / "runtime"), "TMPDIR": str(folder / "tmp"), **environment}
    (folder / "tmp").mkdir()
    process = subprocess.Popen(
        start,
        cwd=folder,
        env=clean | own,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # a run in the background ignores it
    )
    try:
        yield Served(process)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def _lists(served: Served) -> list[str]:
    return sorted(entry["name"] for entry in served.get("api/contents")["content"])


def test_it_serves_the_notebooks_on_demo_data_and_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    with lab(tmp_path) as served:
        assert _lists(served) == NAMES
        assert f"/lab/tree/{command.FIRST}?token=" in served.said
        assert [path.name for path in (tmp_path / "tmp").glob("runinsights-*/demo.sqlite")]
        assert served.end(signal.SIGINT) == 0
    assert not list((tmp_path / "tmp").glob("runinsights-*"))
    assert "Traceback" not in served.said
    copies = tmp_path / "runinsights-notebooks"
    assert sorted(path.name for path in copies.iterdir()) == NAMES


def test_a_database_reaches_the_notebooks_by_the_environment_and_its_password_no_file(
    tmp_path: Path, postgres_url: str
) -> None:
    url = postgres_url.replace("postgres@", f"postgres:{SECRET}@", 1)
    assert SECRET in url
    with lab(tmp_path, "--dir", "mine", RUNINSIGHTS_DATABASE_URL=url) as served:
        assert _lists(served) == NAMES
        assert served.end(signal.SIGTERM) == 0
    assert SECRET not in served.said
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes()


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The arguments that JupyterLab would be started with, from now on; the environment is put back afterwards."""
    calls: list[list[str]] = []
    app = type("App", (), {"initialize_server": staticmethod(lambda argv: argv)})
    monkeypatch.setattr(command, "_jupyterlab", lambda: app)
    monkeypatch.setattr(command, "_serve", calls.append)
    for name in ("RUNINSIGHTS_DATABASE_URL", "RUNINSIGHTS_DEMO_FILE"):
        monkeypatch.setenv(name, "")
    return calls


def test_a_changed_copy_is_kept_unless_forced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "mine" / "run_volume.ipynb"
    command.copy_notebooks(copy.parent, force=False)
    delivered = copy.read_bytes()
    copy.write_text("changed")
    command.copy_notebooks(copy.parent, force=False)
    assert copy.read_text() == "changed"
    said = capsys.readouterr().err
    assert "run_volume.ipynb" in said
    assert "--force" in said
    command.copy_notebooks(copy.parent, force=True)
    assert copy.read_bytes() == delivered
    assert capsys.readouterr().err == ""


def test_a_file_given_by_a_relative_path_is_found_from_the_notebooks_folder(
    tmp_path: Path, launched: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with ri.connect("sqlite:///runs.db") as db:
        db.migrate()
    assert main(["lab", "--database", "sqlite:///runs.db", "--dir", "elsewhere"]) == 0
    assert os.environ["RUNINSIGHTS_DATABASE_URL"] == f"sqlite:///{tmp_path / 'runs.db'}"
    (arguments,) = launched
    assert f"--ServerApp.root_dir={tmp_path / 'elsewhere'}" in arguments
    assert "--ServerApp.ip=127.0.0.1" in arguments
    assert "--ServerApp.open_browser=True" in arguments


@pytest.mark.parametrize(
    ("url", "code"),
    [("sqlite:///not-there.db", USAGE), ("postgresql://nobody@127.0.0.1:1/runs", COULD_NOT_RUN), ("here", USAGE)],
)
def test_a_database_that_cannot_be_reached_opens_nothing(
    url: str, code: int, tmp_path: Path, launched: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lab", "--database", url, "--dir", str(tmp_path / "mine")]) == code
    assert launched == []
    assert not (tmp_path / "mine").exists()
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_without_jupyterlab_the_error_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", None)
    assert main(["lab", "--dir", str(tmp_path / "mine")]) == COULD_NOT_RUN
    assert "pip install 'runinsights[notebooks]'" in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()
