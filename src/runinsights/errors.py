"""The error tree. A class says what the caller does next; no message ever quotes data.

RunInsightsError
├── InvalidInput (ValueError)   fix the argument
├── NotFound                    absent or not yours, never told apart
├── Conflict                    choose another id
│   └── ThreadDeleted           start a new thread
├── Unavailable                 try again later
│   └── OutcomeUnknown          read again, then decide
├── DeadlineExceeded            try later or with a longer deadline
├── Contention                  try again
├── AccessDenied                fix the grants
├── SchemaMismatch              run `runinsights migrate`
├── DataCorrupt                 repair the named row
└── QueryFileError              fix the SQL file
"""

from __future__ import annotations

from typing import Literal

Outcome = Literal["not_applied", "unknown"]


class RunInsightsError(Exception):
    """Base of every error raised by this package.

    Attributes: `operation` (query name or None), `sqlstate` (or None), `retryable` (may the same call
    be repeated later), `outcome` (`not_applied`: nothing was stored; `unknown`: it may have been),
    `attempts` (how often the statement was sent).
    """

    retryable: bool = False

    def __init__(
        self,
        message: str,
        *,
        operation: str | None = None,
        sqlstate: str | None = None,
        outcome: Outcome = "not_applied",
        attempts: int = 0,
    ) -> None:
        super().__init__(message)
        self.operation = operation
        self.sqlstate = sqlstate
        self.outcome: Outcome = outcome
        self.attempts = attempts


class InvalidInput(RunInsightsError, ValueError):
    """An argument cannot be used; raised before any SQL runs. `field` names it, `rule` says what it must be."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field = field
        self.rule = rule

    def __reduce__(self) -> tuple[type[InvalidInput], tuple[str, str]]:
        """Pickle by field and rule, the arguments of the constructor."""
        return type(self), (self.field, self.rule)


class NotFound(RunInsightsError):
    """The row does not exist or belongs to somebody else; the two are never told apart."""


class Conflict(RunInsightsError):
    """The chosen id is taken by another owner. Nothing changed; choose a new id."""


class ThreadDeleted(Conflict):
    """The thread was deleted. Nothing changed; start a new thread."""


class Unavailable(RunInsightsError):
    """The database cannot be reached or refuses work for now; try again later."""

    retryable = True


class OutcomeUnknown(Unavailable):
    """The connection was lost while a write may have been committed; read again, then decide."""


class DeadlineExceeded(RunInsightsError):
    """The call did not finish within its deadline."""

    retryable = True


class Contention(RunInsightsError):
    """The call kept losing against concurrent writers; nothing was applied, repeat it."""

    retryable = True


class AccessDenied(RunInsightsError):
    """The database role lacks a privilege."""


class SchemaMismatch(RunInsightsError):
    """The schema is missing or is not this package's, or a SQL file is not the one the functions were made from."""


class DataCorrupt(RunInsightsError):
    """A stored row cannot be read."""


class QueryFileError(RunInsightsError):
    """A SQL file breaks a rule of queries/README.md; the message names file, line and remedy."""
