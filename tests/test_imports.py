"""`import runinsights` is light, and every public name is there."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import runinsights as ri

HEAVY = ("pandas", "plotly", "numpy", "scipy", "pyarrow", "langsmith", "langgraph", "fastapi", "jinja2", "sqlglot")
CORE = "import runinsights as ri; db = ri.connect(':memory:'); db.create_run('ana', thread_id='t1'); db.close()"


def loaded_by(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter has after running the code."""
    report = "import json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{code}\n{report}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(json.loads(result.stdout.splitlines()[-1]))


@pytest.mark.parametrize("code", ["import runinsights", "import runinsights; dir(runinsights)", CORE])
def test_the_core_loads_no_package_of_an_extra(code: str) -> None:
    loaded = loaded_by(code)
    assert "runinsights" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_importing_the_package_loads_no_driver() -> None:
    assert loaded_by("import runinsights").isdisjoint({"psycopg", "aiosql", "sqlite3", "aiosqlite"})


def test_the_generated_functions_are_imported_as_people_name_them() -> None:
    code = "import runinsights.sync, runinsights.aio; runinsights.sync.list_runs, runinsights.aio.list_runs"
    assert loaded_by(code).isdisjoint(HEAVY)


@pytest.mark.parametrize("name", ri.__all__)
def test_every_public_name_resolves(name: str) -> None:
    assert getattr(ri, name) is not None
    assert getattr(ri, name) is getattr(ri, name)


def test_the_public_list_is_sorted_whole_and_shown() -> None:
    assert len(set(ri.__all__)) == len(ri.__all__)
    assert set(ri.__all__) < set(dir(ri))
    assert "__version__" in dir(ri)


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = ri.nothing  # type: ignore[attr-defined]
    assert not hasattr(ri, "import_module_of_nothing")


def test_every_error_is_one_of_ours_and_says_whether_to_repeat() -> None:
    errors = [
        value for name in ri.__all__ if isinstance(value := getattr(ri, name), type) and issubclass(value, Exception)
    ]
    assert len(errors) > 10
    assert all(issubclass(error, ri.RunInsightsError) for error in errors)
    repeatable = {error.__name__ for error in errors if error.retryable}
    assert repeatable == {"Unavailable", "OutcomeUnknown", "DeadlineExceeded", "Contention"}
