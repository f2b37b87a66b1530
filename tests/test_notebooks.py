"""The notebooks open and run as they are, and show the same numbers as the package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

import runinsights as ri
from runinsights.demo import DEMO_UNTIL, seed_demo
from runinsights.notebook import Params

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
STRICT = 'import warnings; warnings.simplefilter("error")'


def _read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def _code(notebook: Any) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_thin_and_has_no_outputs_in_git(path: Path) -> None:
    notebook = _read(path)
    assert len(_code(notebook)) <= 8
    assert all(len(source.splitlines()) <= 3 for source in _code(notebook))
    assert all(not cell.outputs and cell.execution_count is None for cell in notebook.cells if cell.cell_type == "code")
    assert notebook.cells[0].source.startswith(f"# {path.stem}\n")


def _run(path: Path, folder: Path, params: str | None) -> pd.DataFrame:
    """Execute a notebook, with other parameters where given, and read back the frame it shows."""
    notebook = _read(path)
    for cell in notebook.cells:
        if params and cell.cell_type == "code":
            cell.source = cell.source.replace('Params(url=None, last="90 days", tz="Europe/Prague")', params)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(STRICT))
    notebook.cells.append(nbformat.v4.new_code_cell('trend.frame.to_parquet("frame.parquet")'))
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    shown = [out for cell in notebook.cells if cell.cell_type == "code" for out in cell.outputs]
    assert any("application/vnd.plotly.v1+json" in out.get("data", {}) for out in shown)
    assert not [out for out in shown if out.output_type == "error" or out.get("name") == "stderr"]
    return pd.read_parquet(folder / "frame.parquet")


@pytest.fixture(scope="module")
def expected() -> pd.DataFrame:
    with ri.connect(":memory:") as db:
        seed_demo(db)
        return ri.Insights(db, last="90 days", tz="Europe/Prague", as_of=DEMO_UNTIL).sentiment_trend().frame


def test_sentiment_trend_runs_on_demo_data_without_configuration(expected: pd.DataFrame, tmp_path: Path) -> None:
    shown = _run(FOLDER / "sentiment_trend.ipynb", tmp_path, None)
    pd.testing.assert_frame_equal(shown, expected)


def test_sentiment_trend_runs_on_a_real_database_by_one_cell(
    expected: pd.DataFrame, tmp_path: Path, postgres_url: str
) -> None:
    with ri.connect(postgres_url) as db:
        seed_demo(db)
    moment = f'__import__("datetime").datetime.fromisoformat("{DEMO_UNTIL.isoformat()}")'
    params = f'Params(url="{postgres_url}", last="90 days", tz="Europe/Prague", as_of={moment})'
    shown = _run(FOLDER / "sentiment_trend.ipynb", tmp_path, params)
    pd.testing.assert_frame_equal(shown, expected)


def test_an_unknown_parameter_or_zone_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ri.InvalidInput, match="nearest: last"):
        Params(lst="30 days")  # type: ignore[call-arg]
    with pytest.raises(ri.InvalidInput, match="Europe/Prague"):
        Params(tz="Europe/Pragu")
