"""Rows as a snapshot has them: no user key and no address in any column but texts that are to be kept."""

from __future__ import annotations

from typing import Any, Literal, TypeGuard, cast, get_args
from uuid import UUID

from runinsights import rows
from runinsights.errors import InvalidInput
from runinsights.pseudonyms import keyed
from runinsights.redaction import mask_emails, redact

Texts = Literal["redact", "drop", "keep"]
DIGITS = 20
SHORTEST = 6  # a shorter user key says nothing by itself, and is part of too many words


def check_texts(name: str, value: object) -> Texts:
    """A way to treat texts: redact, drop or keep. Raises InvalidInput."""
    if value not in get_args(Texts):
        raise InvalidInput(name, "must be redact, drop or keep")
    return cast("Texts", value)


class Disguise:
    """Turns rows as they are stored into rows of a snapshot; `users` has the pseudonym of each user seen."""

    def __init__(self, key: bytes, tenant: UUID, prompts: Texts, comments: Texts) -> None:
        self._key, self._tenant = key, tenant
        self._prompts: Texts = prompts
        self._comments: Texts = comments
        self.users: dict[str, str] = {}

    def run(self, row: rows.SnapshotRunsRow) -> rows.CopyRunParams:
        """A run; one from before the window only says that its owner was there."""
        return rows.CopyRunParams(
            tenant_id=self._tenant,
            user_key=self._user(row.user_key),
            thread_id=self._id(row.thread_id, row.user_key),
            run_id=self._id(row.run_id, row.user_key),
            prompt=None if row.is_before else self._text(row.prompt, row.user_key, self._prompts),
            timestamp=row.timestamp,
            sentiment=None if row.is_before else row.sentiment,
            sentiment_at=None if row.is_before else row.sentiment_at,
            attributes=self._json(row.attributes, row.user_key),
        )

    def vote(self, row: rows.SnapshotVotesRow) -> rows.CopyVoteParams:
        """A vote of the history."""
        return rows.CopyVoteParams(
            tenant_id=self._tenant,
            user_key=self._user(row.user_key),
            run_id=self._id(row.run_id, row.user_key),
            event_id=row.event_id,
            sentiment_before=row.sentiment_before,
            sentiment=row.sentiment,
            comment=self._text(row.comment, row.user_key, self._comments),
            voted_at=row.voted_at,
            source=row.source,
        )

    def deleted(self, row: rows.SnapshotDeletedRow) -> rows.CopyDeletedParams:
        """A deleted thread, of which nothing but the time is left."""
        return rows.CopyDeletedParams(
            tenant_id=self._tenant, thread_id=f"deleted-{self._mark(row.thread_id)}", deleted_at=row.deleted_at
        )

    def _user(self, user: str) -> str:
        if user not in self.users:
            self.users[user] = self._mark(user)
        return self.users[user]

    def _mark(self, text: str) -> str:
        return keyed(self._key, self._tenant, text, DIGITS)

    def _id(self, text: str, user: str) -> str:
        return mask_emails(_without(text, user, self._user(user)), self._mark)

    def _json(self, value: Any, user: str) -> Any:
        """JSON with the keys and texts in it masked."""
        if isinstance(value, str):
            return self._id(value, user)
        if _is_object(value):
            return {self._id(name, user): self._json(item, user) for name, item in value.items()}
        if _is_list(value):
            return [self._json(item, user) for item in value]
        return value

    def _text(self, text: str | None, user: str, how: Texts) -> str | None:
        if text is None or how == "drop":
            return None
        return text if how == "keep" else redact(_without(text, user, "[user]"))


def _without(text: str, user: str, mask: str) -> str:
    return text.replace(user, mask) if len(user) >= SHORTEST else text


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)
