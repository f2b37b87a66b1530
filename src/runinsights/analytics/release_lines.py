"""Releases and other annotations over time: dashed lines with labels that keep out of each other's way."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from runinsights.analytics import words
from runinsights.analytics.look import INK, Spec, local, plain, short

LEVELS, LEVEL_HEIGHT, LABEL = 3, 16, 14
# The part of the axis that a letter takes in a chart of 450 pixels.
LETTER = 0.014


def release_lines(layout: Spec, frame: pd.DataFrame, span: tuple[float, float]) -> list[Spec]:
    """A dashed line from bottom to top of the axis for each annotation of the frame; the layout gets their labels.

    Where labels would overlap they go up to three levels; what finds no place there is told by the line's hover.
    """
    marks = [
        (datetime.fromisoformat(at).astimezone(frame["bucket_start"].dt.tz), label)
        for label, at in frame.attrs.get("annotations", {}).items()
    ]
    if not marks:
        return []
    _label(layout, marks)
    hover = [f"{plain(label)}: {words.moment(at)}" for at, label in marks]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "release",
            "x": [place for at, _ in marks for place in (local(at), local(at), None)],
            "y": [place for _ in marks for place in (*span, None)],
            "line": {"color": INK, "width": 1.5, "dash": "dash"},
            "hovertext": [text for line in hover for text in (line, line, "")],
            "hoverinfo": "text",
        }
    ]


def _label(layout: Spec, marks: list[tuple[datetime, str]]) -> None:
    start, end = (datetime.fromisoformat(edge) for edge in layout["xaxis"]["range"])
    taken: list[list[tuple[float, float]]] = [[] for _ in range(LEVELS)]
    for note in layout["annotations"]:
        taken[0].append(_extent((datetime.fromisoformat(note["x"]) - start) / (end - start), note))
    for at, label in marks:
        place = (at.replace(tzinfo=None) - start) / (end - start)
        note = _note(local(at), short(label, LABEL), place)
        left, right = _extent(place, note)
        free = (level for level in range(LEVELS) if all(right < a or left > b for a, b in taken[level]))
        level = next(free, None)
        if level is not None:
            taken[level].append((left, right))
            note["yshift"] = level * LEVEL_HEIGHT
            layout["annotations"].append(note)
    highest = max((note["yshift"] for note in layout["annotations"]), default=0)
    layout["margin"]["t"] += highest
    layout["height"] += highest


def _extent(place: float, note: Spec) -> tuple[float, float]:
    """From where to where of the axis a label goes, with a gap."""
    width = (len(note["text"]) + 1) * LETTER
    return (place, place + width) if note["xanchor"] == "left" else (place - width, place)


def _note(x: str, text: str, place: float) -> Spec:
    return {
        "x": x,
        "y": 1,
        "xref": "x",
        "yref": "paper",
        "text": text,
        "font": {"size": 11},
        "showarrow": False,
        "xanchor": "left" if place < 0.5 else "right",
        "yanchor": "bottom",
        "yshift": 0,
    }
