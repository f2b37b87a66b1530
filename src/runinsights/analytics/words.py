"""How numbers, times and flags are written in hovers, sentences and tables: one way, without locale."""

from __future__ import annotations

from datetime import datetime

from runinsights.analytics.buckets import Unit

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NUMBERS = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
FLAG_WORDS = {
    "no_votes": "no votes",
    "few_votes": "few votes",
    "few_users": "few users",
    "no_variation": "all votes alike",
    "top_user": "one user has more than a fifth of the votes",
    "user_mean_differs": "differs from the mean over users",
    "incomplete": "incomplete",
    "filling": "votes still coming in",
    "unclustered": "users not known",
}


def percent(value: float | None, digits: int = 0) -> str:
    """0.834 as "83%"; "<1%" and ">99%" rather than a rounded 0% or 100%; an en dash where there is none."""
    if value is None:
        return "–"
    step = 10.0 ** -(digits + 2)
    if 0 < value < step / 2:
        return f"<{step * 100:.{digits}f}%"
    if 1 - step / 2 <= value < 1:
        return f">{100 - step * 100:.{digits}f}%"
    return f"{value * 100:.{digits}f}%"


def span(low: float | None, high: float | None, digits: int = 0) -> str:
    """0.601 and 0.84 as "60–84%"."""
    if low is None or high is None:
        return "–"
    return f"{percent(low, digits).removesuffix('%')}–{percent(high, digits)}"


def points(value: float | None, digits: int = 1) -> str:
    """-0.031 as "−3.1 points", with a real minus and always a sign."""
    if value is None:
        return "–"
    number = f"{abs(value) * 100:.{digits}f}"
    sign = "±" if float(number) == 0 else "−" if value < 0 else "+"
    return f"{sign}{number} points"


def points_span(low: float, high: float) -> str:
    """-0.082 and 0.019 as "−8.2 to +1.9 points"."""
    return f"{points(low).removesuffix(' points')} to {points(high)}"


def count(number: int) -> str:
    """1234567 as "1,234,567"."""
    return f"{number:,}"


def plural(number: int, one: str, many: str | None = None) -> str:
    """The number with its noun: "1 vote", "2,000 votes"."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def day(moment: datetime) -> str:
    """A local day: "Mon 9 Nov 2025"."""
    return f"{_DAYS[moment.weekday()]} {date(moment)}"


def date(moment: datetime) -> str:
    """A local date without its weekday: "9 Nov 2025"."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def moment(instant: datetime) -> str:
    """A local minute with its offset: "Mon 9 Nov 2025 14:05 +01:00"."""
    offset = instant.isoformat()[-6:] if instant.utcoffset() else "UTC"
    return f"{day(instant)} {instant:%H:%M} {offset}"


def bucket(start: datetime, unit: Unit) -> str:
    """The name of a bucket by its start: "Mon 9 Nov 2025", "week of 9 Nov 2025", "Nov 2025"."""
    if unit == "hour":
        return f"{day(start)} {start:%H:%M}"
    if unit == "week":
        return f"week of {date(start)}"
    if unit == "month":
        return f"{_MONTHS[start.month - 1]} {start.year}"
    return day(start)


def in_sentence(start: datetime, unit: Unit) -> str:
    """The same within a sentence: "the week of 9 Nov 2025", "Nov 2025"."""
    return f"the {bucket(start, unit)}" if unit == "week" else bucket(start, unit)


def flags(text: str) -> str:
    """The flags of a frame's row in words."""
    return ", ".join(FLAG_WORDS[flag] for flag in text.split())


def day_month(moment: datetime) -> str:
    """A short date for an axis: "9 Nov"."""
    return f"{moment.day} {_MONTHS[moment.month - 1]}"


def no_runs(left_out: int = 0) -> str:
    """The sentence for totals without runs, which leave out `left_out` runs of the day that is not over."""
    if not left_out:
        return "There are no runs in this window."
    return f"No runs before the day that is not over; {plural(left_out, 'run')} since it began."


def number(value: int) -> str:
    """A small count in words, as sentences have it: "three"; from 13 on in digits."""
    return _NUMBERS[value] if 0 <= value < len(_NUMBERS) else count(value)
