"""Prompts as a report may show them: masked where they name a person, without what tricks the eye."""

from __future__ import annotations

import re

from runinsights.redaction import redact as redact

READ, SHOWN = 2_000, 240
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b-\x1f\x7f-\x9f]")


def sample(prompt: str, *, raw: bool = False) -> str:
    """One line of a prompt as a report shows it, redacted unless `raw`, cut to 240 characters."""
    text = " ".join(_INVISIBLE.sub(" ", prompt[:READ]).split())
    if len(prompt) > READ:
        text = text.rpartition(" ")[0]  # a cut word might escape its mask
    text = text if raw else redact(text)
    return text if len(text) <= SHOWN else text[: SHOWN - 1].rstrip() + "…"
