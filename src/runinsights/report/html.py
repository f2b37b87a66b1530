"""The report model as one self-contained HTML file: one packed plotly.js, no network, the same bytes each time."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any, cast

from runinsights.analytics import words
from runinsights.analytics.provenance import jsonable
from runinsights.analytics.summaries import VERDICTS
from runinsights.report.model import Column, ReportModel, Section

_NUMBERS = frozenset({"count", "percent", "chance", "points", "number"})
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def render(model: ReportModel) -> str:
    """The whole file. Raises ImportError with the install line where Jinja or Plotly is missing."""
    boot = _own("report.js")
    plotly, digest = _plotly()
    return str(
        _template().render(
            report=model,
            style=_own("report.css"),
            boot=boot,
            plotly=plotly,
            scripts=f"'sha256-{_csp_hash(boot.encode())}' 'sha256-{digest}'",
        )
    )


def script_json(value: object) -> str:
    """JSON that may stand inside a script element: nothing in it can end the element."""
    text = json.dumps(jsonable(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return "".join(_ESCAPES.get(letter, letter) for letter in text)


def written(value: Any, column: Column, section: Section) -> str:
    """A table cell as a reader sees it; an en dash for NA."""
    if column.kind == "value":
        return "whole window" if value is None else str(value)
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return words.bucket(value, cast(Any, section.unit)) if column.kind == "bucket" else words.date(value)
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, str):
        return words.flags(value) if column.kind == "flags" else VERDICTS.get(value, value)
    return _number(value, column)


def _number(value: float, column: Column) -> str:
    if column.kind == "percent":
        return words.percent(value, 1)
    if column.kind == "chance":
        return "<0.1%" if value < 0.0005 else words.percent(value, 1)
    if column.kind == "points":
        return words.points(value)
    return words.count(int(value)) if column.kind == "count" else f"{value:.1f}"


def _is_number(column: Column) -> bool:
    return column.kind in _NUMBERS


def _own(name: str) -> str:
    return resources.files("runinsights.report").joinpath(name).read_text("utf-8")


@cache
def _template() -> Any:
    try:
        import jinja2
    except ImportError as error:
        raise ImportError("reports need Jinja: pip install 'runinsights[reports]'") from error
    environment = cast(Any, jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True))
    environment.tests["number"] = _is_number
    environment.filters |= {"script_json": script_json, "written": written, "count": words.count}
    environment.undefined = jinja2.StrictUndefined
    return environment.from_string(_own("report.html.j2"))


@cache
def _plotly() -> tuple[str, str]:
    """plotly.min.js packed as text, and its hash for the content security policy."""
    try:
        script = resources.files("plotly").joinpath("package_data/plotly.min.js").read_bytes()
    except ImportError as error:
        raise ImportError("reports need Plotly: pip install 'runinsights[reports]'") from error
    return base64.b64encode(gzip.compress(script, 9, mtime=0)).decode(), _csp_hash(script)


def _csp_hash(script: bytes) -> str:
    return base64.b64encode(hashlib.sha256(script).digest()).decode()
