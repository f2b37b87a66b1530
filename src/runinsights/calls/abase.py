"""What all calls share: a runner, and the tenant of bare user keys."""

from __future__ import annotations

from uuid import UUID

from runinsights.engine.arunner import AsyncRunner


class AsyncCalls:
    """A runner of generated functions, and the tenant that a bare user key belongs to."""

    def __init__(self, runner: AsyncRunner, tenant: UUID) -> None:
        self._runner = runner
        self.tenant = tenant
