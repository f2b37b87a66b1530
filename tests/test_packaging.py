"""The SQL files and notebooks travel with the package, however it is installed."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PROBE = """
import json, runinsights, runinsights.sql as sql
from runinsights import sync
with runinsights.connect(":memory:") as db:
    db.create_run("ana@example.com", thread_id="t", prompt="Hello")
    counted = db.runner.call(sync.count_threads, tenant_id=db.tenant, user_key="ana@example.com")
    print(json.dumps([runinsights.__file__, str(sql.queries_root()), sorted(sql.own_statements()), counted]))
"""


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build(ROOT, "--sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel made from the checkout."""
    return _build(ROOT, "--wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def wheel_of_sdist(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel_of_sdist")
    safely: Any = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # Python 3.11.4 and later
    with tarfile.open(sdist) as archive:
        archive.extractall(out, **safely)
    (unpacked,) = (path for path in out.iterdir() if path.is_dir())
    return _build(unpacked, "--wheel", out)


@pytest.mark.parametrize("kind", ["wheel", "wheel_of_sdist"])
def test_a_wheel_holds_every_sql_file_and_notebook(kind: str, request: pytest.FixtureRequest) -> None:
    names = set(zipfile.ZipFile(request.getfixturevalue(kind)).namelist())
    for folder, suffix in (("queries", ".sql"), ("notebooks", ".ipynb")):
        ours = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob(f"*{suffix}")}
        assert ours
        assert {f"runinsights/{name}" for name in ours} == {name for name in names if name.endswith(suffix)}
    assert "runinsights/py.typed" in names


@pytest.mark.parametrize("kind", ["wheel", "wheel_of_sdist"])
def test_an_installed_wheel_finds_its_own_files_and_runs_them(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    wheel = request.getfixturevalue(kind)
    location, queries, names, counted = _probe(_installed(tmp_path / "venv", [str(wheel)]), tmp_path)
    assert Path(location).is_relative_to(tmp_path)
    assert Path(queries).is_relative_to(tmp_path)
    assert names == _query_names(ROOT)
    assert counted == 1


def test_an_editable_install_finds_the_files_of_the_checkout_and_new_ones_too(sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:  # a checkout of its own, for a new file
        archive.extractall(tmp_path, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    (checkout,) = (path for path in tmp_path.iterdir() if path.is_dir())
    python = _installed(tmp_path / "venv", ["--no-build-isolation", "--editable", str(checkout)])
    text = "-- name: added_later()$\n-- One.\n-- returns: one!\nSELECT 1 AS one\n"
    (checkout / "queries" / "added_later.sql").write_text(text, encoding="utf-8")
    location, queries, names, counted = _probe(python, tmp_path)
    assert Path(location) == checkout / "src" / "runinsights" / "__init__.py"
    assert Path(queries) == checkout / "queries"
    assert names == sorted([*_query_names(ROOT), "added_later"])
    assert counted == 1


def _query_names(root: Path) -> list[str]:
    files = (root / "queries").rglob("*.sql")
    return sorted(path.stem for path in files if not {"sqlite", "migrations"} & set(path.relative_to(root).parts))


def _build(source: Path, what: str, out: Path) -> Path:
    command = [sys.executable, "-m", "build", "--no-isolation", what, "--outdir", str(out), str(source)]
    _run(command, out)
    (built,) = (path for path in out.iterdir() if path.suffix in (".whl", ".gz"))
    return built


def _installed(folder: Path, arguments: list[str]) -> Path:
    """The Python of a clean environment with the package alone; its dependencies are read from where they are here."""
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    (packages,) = folder.glob("lib/python*/site-packages")
    # Folders that a .pth file names come last, and their own .pth files (an editable install of ours) are not read.
    elsewhere = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    (packages / "dependencies.pth").write_text("\n".join(elsewhere) + "\n", encoding="utf-8")
    _run([*_installer(python), "--no-index", "--no-deps", *arguments], folder)
    return python


def _installer(python: Path) -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "--python", str(python), "install", "--disable-pip-version-check"]
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--python", str(python)]
    pytest.skip("neither pip nor uv is here to install with")


def _run(command: list[str], folder: Path) -> str:
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=clean, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _probe(python: Path, folder: Path) -> tuple[str, str, list[str], int]:
    location, queries, names, counted = json.loads(_run([str(python), "-c", PROBE], folder))
    return location, queries, names, counted
