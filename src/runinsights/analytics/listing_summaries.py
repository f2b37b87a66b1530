"""Plain sentences about people, comments, annotations and data notes, each from its frame alone."""

from __future__ import annotations

import pandas as pd

from runinsights.analytics import words
from runinsights.analytics.typed import records


def users(frame: pd.DataFrame) -> str:
    """How many asked and voted, the busiest voter, and bursts."""
    rows = records(frame)
    if not rows:
        return words.no_runs()
    voters = [row for row in rows if row["rated"]]
    asked = f"{words.plural(len(rows), 'user')} asked, {words.count(sum(row['new'] for row in rows))} of them new"
    if not voters:
        return f"{asked}; nobody voted."
    top = max(voters, key=lambda row: row["rated"])
    bursts = sum(row["burst"] for row in rows)
    sentence = (
        f"{asked}; {words.count(len(voters))} voted. {top['user']} cast most votes: "
        f"{words.plural(top['rated'], 'vote')}, {words.percent(top['share_of_votes'], 1)} of all."
    )
    if bursts:
        sentence += f" {words.plural(bursts, 'user')} voted in bursts."
    return sentence


def comments(frame: pd.DataFrame) -> str:
    """How many comments there are, and with which votes."""
    rows = records(frame)
    read = frame.attrs.get("read", {"comments": len(rows)})["comments"]
    if not rows:
        return f"None of {words.plural(read, 'comment')} has this text." if read else "There are no comments."
    bad = sum(row["sentiment"] is False for row in rows)
    shown = f" of {words.count(read)}" if read != len(rows) else ""
    return f"{words.plural(len(rows), 'comment')}{shown}, {words.count(bad)} of them with a dislike."


def releases(frame: pd.DataFrame) -> str:
    """How many there are, and the latest."""
    rows = records(frame)
    if not rows:
        return "There are no annotations in this window."
    latest = rows[-1]
    return f"{words.plural(len(rows), 'annotation')}; the latest is “{latest['label']}” ({words.moment(latest['at'])})."


def data_quality(frame: pd.DataFrame) -> str:
    """The notes that have a case, the three largest by name."""
    rows = [row for row in records(frame) if row["count"] and row["note"] != "top_voter"]
    if not rows:
        return "Nothing was found that makes the numbers doubtful."
    rows.sort(key=lambda row: (-(row["share"] or 0), row["note"]))
    named = "; ".join(f"{row['meaning']} ({words.count(row['count'])})" for row in rows[:3])
    return f"{words.number(len(rows)).capitalize()} of {words.plural(len(frame), 'note')} apply: {named}."
