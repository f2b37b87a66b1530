"""Prompts as a report may show them: masked where they name a person, without what tricks the eye."""

from __future__ import annotations

import re

READ, SHOWN = 2_000, 240
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b-\x1f\x7f-\x9f]")
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b([a-z][a-z0-9+.-]{1,20}://[^\s?#]+)[?#]\S*", re.IGNORECASE), r"\1?[query]"),
    (re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"), "[email]"),
    (re.compile(r"\b[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b", re.IGNORECASE), "[uuid]"),
    (re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"), "[iban]"),
    (re.compile(r"\b[a-z]{2}\d{2}(?: ?\d{4}){2,7}(?: ?\d{1,3})?\b", re.IGNORECASE), "[iban]"),
    (re.compile(r"\b(?!(?:(?:19|20)\d\d[ -]){2})\d{4}(?:[ -]?\d{4}){2}[ -]?\d{1,7}\b"), "[card]"),
    (re.compile(r"\b3[47]\d{2}[ -]?\d{6}[ -]?\d{5}\b"), "[card]"),
    (re.compile(r"(?:\+|\b00[ ./-]?)\d{1,3}(?:[ ./-]?\(?\d{1,4}\)?){2,6}"), "[phone]"),
    (re.compile(r"\(\d{2,5}\)[ .-]?\d{2,4}(?:[ .-]?\d{2,4}){1,3}\b"), "[phone]"),
    (re.compile(r"\b\d{3}[ ./-]\d{3}[ ./-]\d{3,4}\b"), "[phone]"),
    (re.compile(r"\b0\d{1,4}(?:[ ./-]\d{2,4}){2,4}\b"), "[phone]"),
    (re.compile(r"\d{6,}"), "[number]"),
)


def redact(text: str) -> str:
    """The text with e-mail, phone, URL query, UUID, IBAN, card and digit runs of six or more masked."""
    for pattern, mask in _RULES:
        text = pattern.sub(mask, text)
    return text


def sample(prompt: str, *, raw: bool = False) -> str:
    """One line of a prompt as a report shows it, redacted unless `raw`, cut to 240 characters."""
    text = " ".join(_INVISIBLE.sub(" ", prompt[:READ]).split())
    if len(prompt) > READ:
        text = text.rpartition(" ")[0]  # a cut word might escape its mask
    text = text if raw else redact(text)
    return text if len(text) <= SHOWN else text[: SHOWN - 1].rstrip() + "…"
