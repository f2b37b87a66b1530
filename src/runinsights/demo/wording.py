"""Turns a family, a language and some random numbers into text, and a number into an invented person."""

from __future__ import annotations

from collections.abc import Sequence

from runinsights.demo.texts import COMMENTS, NAMES, PREFIXES, SUFFIXES, TOPICS, TOWNS, Family

DRAWS = 16

COLOURS = ("amber", "azure", "coral", "copper", "crimson", "ebony", "golden", "indigo", "ivory", "jade")
ANIMALS = (
    "badger",
    "beaver",
    "crane",
    "falcon",
    "gecko",
    "heron",
    "lemur",
    "lynx",
    "otter",
    "puffin",
    "raven",
)

PLAIN_LETTERS = str.maketrans("áčďéěíňóřšťúůýžÁČĎÉĚÍŇÓŘŠŤÚŮÝŽ", "acdeeinorstuuyzACDEEINORSTUUYZ")


def person(index: int) -> str:
    """The user key of the person with that number: colour, animal and number at an example domain."""
    colour, animal = COLOURS[index % len(COLOURS)], ANIMALS[index // len(COLOURS) % len(ANIMALS)]
    return f"{colour}.{animal}{index + 1}@example.{'org' if index % 3 else 'com'}"


def prompt(family: Family, language: str, luck: Sequence[float]) -> str:
    """A prompt of the family, made of DRAWS uniform numbers."""
    year, wordings = 1995 + int(luck[0] * 28), family.wordings[language]
    day, month = 1 + int(luck[1] * 28), 1 + int(luck[2] * 12)
    text = wordings[int(luck[3] ** 1.5 * len(wordings))].format(
        year=year,
        later=year + 1 + int(luck[4] * 3),
        future=2027 + int(luck[4] * 24),
        date=f"{day}.{month}.{year}" if luck[5] < 0.7 else f"{year}-{month:02}-{day:02}",
        number=100 + int(luck[4] ** 2 * 90_000),
        small=3 + int(luck[4] * 12),
        name=f"{_pick(NAMES[language], luck[6])} {year}",
        topic=_pick(TOPICS[language], luck[7]),
        town=_pick(TOWNS[language], luck[8]),
    )
    text = _pick(PREFIXES[language], luck[9]) + text
    text = text.lower() if luck[10] < 0.3 else text[0].upper() + text[1:]
    text += _pick(SUFFIXES[language], luck[11])
    return text.translate(PLAIN_LETTERS) if language == "cs" and luck[12] < 0.3 else text


def comment(family: Family, language: str, luck: Sequence[float]) -> str | None:
    """What a person who voted a run of the family down adds, if anything; made of the same numbers."""
    texts = family.comments.get(language, COMMENTS[language]) if luck[13] < 0.7 else COMMENTS[language]
    return _pick(texts, luck[14]) if luck[15] < 0.4 else None


def _pick(texts: Sequence[str], luck: float) -> str:
    return texts[int(luck * len(texts))]
