"""The original application's shapes, where a lost connection makes an answer doubtful."""

from __future__ import annotations

import pytest

from runinsights.integrations import wire
from runinsights.model import Deletion

TABLES = ("checkpoint_blobs", "checkpoint_writes", "checkpoints", "users_threads_runs")


@pytest.mark.parametrize(("replayed", "message"), [(False, "Thread not found or access denied"), (True, "deleted")])
def test_a_deletion_that_was_sent_twice_is_not_called_denied(replayed: bool, message: str) -> None:
    receipt = Deletion({"threads": 0, "users_threads_runs": 0}, replayed=replayed)
    answer = wire.thread_deletion(receipt, "ana@example.com", "t1")
    assert message in answer["message"]
    assert answer["deleted_counts"] == (dict.fromkeys(TABLES, 0) if replayed else {})
