"""What a person is called where nobody may read who it is."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Iterable
from uuid import UUID

VARIABLE = "RUNINSIGHTS_PSEUDONYM_KEY"
DIGITS = 10


def keyed(key: bytes, tenant: UUID, user_key: str, digits: int = DIGITS) -> str:
    """The first hex digits of HMAC-SHA256(key, tenant + user key): the same for the same key, nothing without it."""
    return hmac.new(key, f"{tenant}{user_key}".encode(), hashlib.sha256).hexdigest()[:digits]


def namer(tenant: UUID, user_keys: Iterable[str]) -> Callable[[str], str]:
    """What each user is called: keyed where RUNINSIGHTS_PSEUDONYM_KEY is set, else U1, U2, … in the order given."""
    key = os.environ.get(VARIABLE)
    if key:
        return lambda user: keyed(key.encode(), tenant, user)
    numbers = {user: f"U{number}" for number, user in enumerate(dict.fromkeys(user_keys), 1)}
    return lambda user: numbers[user]
