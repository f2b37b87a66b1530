"""The notebooks open and run as they are, on every database, and show the same numbers as the package."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

import runinsights as ri
from runinsights.demo import DEMO_UNTIL, seed_demo
from runinsights.notebook import Params

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
STRICT = 'import warnings; warnings.simplefilter("error")'
DEMO_END = f'__import__("datetime").datetime.fromisoformat("{DEMO_UNTIL.isoformat()}")'
SHOWN = {  # the frame that each notebook is checked by
    "sentiment_trend": "trend.frame",
    "run_volume": "volume.frame",
    "problem_prompts": "problems.frame",
    "quality_report": "ins.compare(to=PARAMS.to).frame",
    "what_got_worse": "ins.segments(PARAMS.segment, to=PARAMS.to).frame",
}


@pytest.fixture(autouse=True)
def _no_database_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNINSIGHTS_DATABASE_URL", raising=False)
    monkeypatch.delenv("RUNINSIGHTS_DEMO_FILE", raising=False)


def _read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def _code(notebook: Any) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def _analysis(db: ri.RunInsights) -> ri.Insights:
    return ri.Insights(db, last="90 days", tz="Europe/Prague", as_of=DEMO_UNTIL, releases="prompt_version")


def _frames(ins: ri.Insights) -> dict[str, pd.DataFrame]:
    return {
        "sentiment_trend": ins.sentiment_trend().frame,
        "run_volume": ins.run_volume().frame,
        "problem_prompts": ins.problem_prompts().frame,
        "quality_report": ins.compare().frame,
        "what_got_worse": ins.segments("model", to="release").frame,
    }


@pytest.fixture(scope="module")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "demo.sqlite"
    with ri.connect(f"sqlite:///{path}") as db:
        db.migrate()
        seed_demo(db)
    return path


@pytest.fixture(scope="module")
def expected(demo_file: Path) -> Iterator[dict[str, pd.DataFrame]]:
    with ri.connect(f"sqlite:///{demo_file}") as db:
        yield _frames(_analysis(db))


def test_there_are_the_four_words_and_the_way_in() -> None:
    assert {path.stem for path in NOTEBOOKS} == set(SHOWN)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_thin_and_has_no_outputs_in_git(path: Path) -> None:
    notebook = _read(path)
    nbformat.validate(notebook)
    assert len(_code(notebook)) <= (5 if path.stem == "what_got_worse" else 8)
    assert all(len(source.splitlines()) <= 3 for source in _code(notebook))
    assert all(not cell.outputs and cell.execution_count is None for cell in notebook.cells if cell.cell_type == "code")
    assert notebook.cells[0].source.startswith(f"# {path.stem}\n")
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_has_typed_parameters_in_its_first_cell_and_names_no_place_of_a_machine(path: Path) -> None:
    first, *rest = _code(_read(path))
    assert re.search(r"^PARAMS = Params\(url=None, .*\)$", first, re.MULTILINE)
    assert not any("Params(" in source for source in rest)
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"[\s\"'=](/[a-z]+/|~/|[A-Z]:\\\\)|://\w", text.replace("postgresql://…", ""))


def _run(path: Path, folder: Path, params: str | None = None) -> pd.DataFrame:
    """Execute a notebook, with other parameters where given, and read back the frame it shows."""
    notebook = _read(path)
    if params:
        first = next(cell for cell in notebook.cells if cell.cell_type == "code")
        first.source = first.source.replace("Params(url=None, ", f"Params({params}, ")
    notebook.cells.insert(0, nbformat.v4.new_code_cell(STRICT))
    notebook.cells.append(nbformat.v4.new_code_cell(f'({SHOWN[path.stem]}).to_parquet("frame.parquet")'))
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    shown = [out for cell in notebook.cells if cell.cell_type == "code" for out in cell.outputs]
    assert any("application/vnd.plotly.v1+json" in out.get("data", {}) for out in shown)
    assert not [out for out in shown if out.output_type == "error" or out.get("name") == "stderr"]
    return pd.read_parquet(folder / "frame.parquet")


def _same(shown: pd.DataFrame, expected: pd.DataFrame, folder: Path) -> None:
    expected.to_parquet(folder / "expected.parquet")
    pd.testing.assert_frame_equal(shown, pd.read_parquet(folder / "expected.parquet"))


def test_a_notebook_opens_on_demo_data_in_memory_without_configuration(
    expected: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    path = FOLDER / "what_got_worse.ipynb"
    _same(_run(path, tmp_path), expected[path.stem], tmp_path)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_on_a_sqlite_file_by_one_cell(
    path: Path, demo_file: Path, expected: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    shown = _run(path, tmp_path, f'url="sqlite:///{demo_file}", as_of={DEMO_END}')
    _same(shown, expected[path.stem], tmp_path)


def test_every_notebook_runs_on_the_postgresql_that_the_environment_names(
    expected: dict[str, pd.DataFrame], tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ri.connect(postgres_url) as db:
        seed_demo(db)
    monkeypatch.setenv("RUNINSIGHTS_DATABASE_URL", postgres_url)
    for path in NOTEBOOKS:
        folder = tmp_path / path.stem
        folder.mkdir()
        _same(_run(path, folder, f"as_of={DEMO_END}"), expected[path.stem], folder)


def test_the_lab_s_demo_file_is_used_where_no_database_is_named(
    demo_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from runinsights.notebook import insights

    monkeypatch.setenv("RUNINSIGHTS_DEMO_FILE", str(demo_file))
    ins = insights(Params())
    assert (ins.window.as_of, ins.runs(columns=["run_id"]).shape[0]) == (DEMO_UNTIL, 5993)
    assert insights(Params(demo_runs=100)).runs(columns=["run_id"]).shape[0] < 100


def _example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("what_got_worse", ROOT / "examples" / "what_got_worse.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_script_says_what_got_worse_for_whom_and_since_when(capsys: pytest.CaptureFixture[str]) -> None:
    _example().main()
    worse, whom, when, what = capsys.readouterr().out.splitlines()
    assert re.search(r"before v3 .*−9\.0 points .*, worse\.", worse)
    assert "The largest fall is that of “atlas-large”" in whom
    assert "most likely began with the week of 28 Sep 2026" in when
    assert "First: “excel export of <q> fails”" in what


def test_the_page_on_notebooks_names_each_with_every_parameter_and_its_example_runs(
    demo_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs" / "notebooks.md").read_text(encoding="utf-8")
    assert [name for name in [*SHOWN, *Params.__dataclass_fields__] if f"`{name}`" not in page] == []
    monkeypatch.setenv("RUNINSIGHTS_DEMO_FILE", str(demo_file))
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(compile(block, "docs/notebooks.md", "exec"), {})
    assert "approval was" in capsys.readouterr().out


def test_an_unknown_parameter_or_zone_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ri.InvalidInput, match="nearest: last"):
        Params(lst="30 days")  # type: ignore[call-arg]
    with pytest.raises(ri.InvalidInput, match="Europe/Prague"):
        Params(tz="Europe/Pragu")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("url", 5),
        ("url", "mysql://here"),
        ("last", 90),
        ("last", "ninety days"),
        ("tz", None),
        ("as_of", "2026-10-31"),
        ("as_of", datetime(2026, 10, 31)),
        ("to", ""),
        ("segment", None),
        ("releases", 3),
        ("annotations", b"deploys.csv"),
        ("tenant", "ours"),
        ("demo_runs", "many"),
    ],
)
def test_a_parameter_of_a_wrong_type_or_form_is_refused_by_its_name(name: str, value: Any) -> None:
    with pytest.raises(ri.InvalidInput, match=f"^{name}"):
        Params(**{name: value})


def test_parameters_cannot_change_after_the_first_cell() -> None:
    params = Params(as_of=datetime(2026, 10, 31, tzinfo=UTC))
    with pytest.raises(AttributeError):
        params.last = "30 days"  # type: ignore[misc]
