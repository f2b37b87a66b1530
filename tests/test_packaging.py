"""The SQL files and notebooks travel with the package, however it is installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PROBE = """
import json, runinsights, runinsights.sql as sql
with runinsights.connect(":memory:") as db:
    db.create_run("ana@example.com", thread_id="t", prompt="Hello")
    print(json.dumps([runinsights.__file__, len(sql.own_statements()), db.count_threads("ana@example.com")]))
"""


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    _build(ROOT, "--sdist", out)
    (archive,) = out.glob("*.tar.gz")
    return archive


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    safely: Any = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # Python 3.11.4 and later
    with tarfile.open(sdist) as archive:
        archive.extractall(out, **safely)
    (unpacked,) = (path for path in out.iterdir() if path.is_dir())
    _build(unpacked, "--wheel", out)
    (built,) = out.glob("*.whl")
    return built


def test_a_wheel_made_from_the_sdist_holds_every_sql_file_and_notebook(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder, suffix in (("queries", ".sql"), ("notebooks", ".ipynb")):
        ours = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob(f"*{suffix}")}
        assert ours
        assert {f"runinsights/{name}" for name in ours} <= names
    assert "runinsights/py.typed" in names


def test_the_wheel_runs_its_queries_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    location, statements, threads = _probe({"PYTHONPATH": str(tmp_path)}, tmp_path)
    assert Path(location).is_relative_to(tmp_path)
    assert statements == _sql_names()
    assert threads == 1


def test_an_editable_install_finds_the_files_at_the_top_of_the_checkout(tmp_path: Path) -> None:
    location, statements, threads = _probe({}, tmp_path)
    assert Path(location).is_relative_to(ROOT)
    assert statements == _sql_names()
    assert threads == 1


def _sql_names() -> int:
    return len([path for path in (ROOT / "queries").rglob("*.sql") if "sqlite" not in path.relative_to(ROOT).parts])


def _build(source: Path, what: str, out: Path) -> None:
    command = [sys.executable, "-m", "build", "--no-isolation", what, "--outdir", str(out), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _probe(variables: dict[str, str], folder: Path) -> tuple[str, int, int]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env=os.environ | variables,
    )
    location, statements, threads = json.loads(done.stdout)
    return location, statements, threads
