"""What was asked, without how it was typed: the template, tokens and bag key of a prompt.

Prompts with one bag key are one group. The Python functions are the truth; a SQL twin may only list examples.
"""

from __future__ import annotations

import re
import unicodedata

TOKEN_LETTERS = 6

# Words that say nothing about the subject, as they stand in a template (no diacritics, lower case).
ENGLISH_FILLERS = """
a an the and by for from in into of on to with
please pls thanks thank hey hi hello ok okay can could would you tell me
"""
CZECH_FILLERS = """
a i k ke na nad o od do po pod pro pred pri s se si u v ve z ze za
prosim dekuji dekuju diky ahoj muzes muzete rekni reknete mi
"""
FILLERS = frozenset(ENGLISH_FILLERS.split()) | frozenset(CZECH_FILLERS.split())

_DATE = r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}\. ?\d{1,2}\. ?\d{4}|\d{1,2}/\d{1,2}/(?:\d{4}|\d\d)"
_QUOTES = '"„“”«»`'
# In this order: a quoted date is a quoted name, and a year is not any number. Possessive (++) and one pattern
# for numbers and percentages, so that the time stays linear in the length of the prompt.
_MASKS = (
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)+")),
    ("url", re.compile(rf"(?<!\w)(?:(?:https?|ftp)://|www\.)[^\s<>{_QUOTES}]+")),
    ("uuid", re.compile(r"(?<!\w)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?!\w)")),
    ("q", re.compile(rf"[{_QUOTES}][^{_QUOTES}]{{1,80}}[{_QUOTES}]")),
    ("date", re.compile(rf"(?<!\w)(?:{_DATE})(?!\d)")),
    ("year", re.compile(r"(?<!\w)(?<!\d[.,])(?:19|20)\d\d(?!\d|[.,]\d|\s*%)")),
)
_NUMBER = re.compile(r"(?<!\w)(?:\d{1,3}(?: \d{3}(?!\d))++|\d++)(?:[.,]\d++)*+(\s*%)?")
_WORD = re.compile(r"<(?:email|url|uuid|q|date|year|pct|num)>|\w+")


def template(prompt: str | None) -> str:
    """The prompt without case, diacritics, punctuation and values; "" where it holds no word at all."""
    text = _plain(prompt or "")
    for mask, pattern in _MASKS:
        text = pattern.sub(f" <{mask}> ", text)
    text = _NUMBER.sub(lambda number: " <pct> " if number[1] else " <num> ", text)
    return " ".join(_WORD.findall(text))


def tokens(text: str) -> tuple[str, ...]:
    """The stems of a template in order: its first six letters each, masks whole, fillers left out.

    A template of nothing but fillers ("thanks") keeps them, for then they are what was said.
    """
    words = text.split()
    telling = [word for word in words if word not in FILLERS] or words
    return tuple(word if word.startswith("<") else word[:TOKEN_LETTERS] for word in telling)


def bag_key(text: str) -> str:
    """The key of a template's group: its distinct tokens, sorted; "" for an empty template."""
    return " ".join(sorted(set(tokens(text))))


def _plain(prompt: str) -> str:
    if prompt.isascii():
        return prompt.lower()
    apart = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", prompt))
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", bare).casefold()
