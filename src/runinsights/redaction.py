"""Texts with what names a person masked."""

from __future__ import annotations

import re
from collections.abc import Callable

_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b([a-z][a-z0-9+.-]{1,20}://[^\s?#]+)[?#]\S*", re.IGNORECASE), r"\1?[query]"),
    (_EMAIL, "[email]"),
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


def mask_emails(text: str, mask: Callable[[str], str]) -> str:
    """The text with each e-mail address replaced by what `mask` makes of it."""
    return _EMAIL.sub(lambda match: mask(match[0]), text) if "@" in text else text
