"""mypy --strict and pyright strict read what is generated from own_sql/, and see what a consumer does wrong with it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shop import Shop

HERE = Path(__file__).parent / "own_sql_typing"
IGNORE = re.compile(r"# type: ignore\[[\w-]+\]$")


@pytest.fixture(scope="module")
def folder(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The generated module with two consumers beside it, one right and one wrong."""
    found = tmp_path_factory.mktemp("typing")
    shutil.copy(shop.folder / "shop_queries.py", found)
    for path in HERE.glob("*.py"):
        shutil.copy(path, found)
    text = (HERE / "mistakes.py").read_text(encoding="utf-8")
    (found / "unmarked.py").write_text(re.sub(r"  # type: ignore\[[\w-]+\]", "", text), encoding="utf-8")
    return found


def mistakes() -> set[int]:
    lines = (HERE / "mistakes.py").read_text(encoding="utf-8").splitlines()
    return {number for number, line in enumerate(lines, 1) if IGNORE.search(line)}


def test_there_are_enough_mistakes() -> None:
    assert len(mistakes()) >= 14


def test_mypy_strict_passes_and_finds_every_mistake(folder: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--no-error-summary", "."]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, timeout=600)
    found = [match.groups() for match in re.finditer(r"^(\w+\.py):(\d+): error: ", done.stdout, re.MULTILINE)]
    assert {name for name, _ in found} == {"unmarked.py"}, done.stdout + done.stderr
    assert {int(line) for _, line in found} == mistakes()


def test_pyright_strict_passes_and_finds_every_mistake(folder: Path) -> None:
    config = {"typeCheckingMode": "strict", "reportMissingTypeStubs": False, "include": ["."]}
    (folder / "pyrightconfig.json").write_text(json.dumps(config), encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--outputjson"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, timeout=600)
    report = json.loads(done.stdout)
    found = [(Path(item["file"]).name, item["range"]["start"]["line"] + 1) for item in report["generalDiagnostics"]]
    assert {name for name, _ in found} == {"unmarked.py"}, report["generalDiagnostics"][:5]
    assert {line for _, line in found} == mistakes()
