"""The original application's table and statements, and a workload that is the same for it and for us."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple
from uuid import UUID

TABLE = """
CREATE TABLE users_threads_runs (
  id SERIAL PRIMARY KEY,
  email VARCHAR(255) NOT NULL,
  thread_id VARCHAR(255) NOT NULL,
  run_id VARCHAR(255) UNIQUE NOT NULL,
  prompt TEXT,
  timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  sentiment BOOLEAN DEFAULT NULL
);
CREATE INDEX idx_users_threads_runs_email ON users_threads_runs(email);
CREATE INDEX idx_users_threads_runs_thread_id ON users_threads_runs(thread_id);
CREATE INDEX idx_users_threads_runs_email_thread ON users_threads_runs(email, thread_id);
"""
CREATE = """
INSERT INTO users_threads_runs (email, thread_id, run_id, prompt)
VALUES (%s, %s, %s, %s)
ON CONFLICT (run_id) DO UPDATE SET
    email = EXCLUDED.email,
    thread_id = EXCLUDED.thread_id,
    prompt = EXCLUDED.prompt,
    timestamp = CURRENT_TIMESTAMP
"""
VOTE = "UPDATE users_threads_runs SET sentiment = %s WHERE run_id = %s"
DELETE = "DELETE FROM users_threads_runs WHERE email = %s AND thread_id = %s"
COPY = "COPY users_threads_runs (email, thread_id, run_id, prompt) FROM STDIN"


class NewRun(NamedTuple):
    """One call of create_run."""

    email: str
    thread_id: str
    run_id: str
    prompt: str


class Vote(NamedTuple):
    """One call of set_sentiment."""

    email: str
    run_id: str
    sentiment: bool


class Thread(NamedTuple):
    """A stored thread."""

    email: str
    thread_id: str


@dataclass
class Workload:
    """The rows that both tables hold, and the calls drawn for them, from one seed."""

    users: int
    stored: int
    draw: random.Random = field(default_factory=lambda: random.Random(20_240_601))
    runs: list[NewRun] = field(default_factory=list[NewRun])
    threads: list[Thread] = field(default_factory=list[Thread])
    votes: dict[str, bool] = field(default_factory=dict[str, bool])
    numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        for number in range(self.stored // 4):
            self.threads.append(Thread(f"user{number % self.users}@example.com", self._id()))
        self.runs = [self._run(self.draw.choice(self.threads)) for _ in range(self.stored)]

    def _id(self) -> str:
        return str(UUID(int=self.draw.getrandbits(128), version=4))

    def _run(self, thread: Thread) -> NewRun:
        prompt = f"How many people lived in district {next(self.numbers)} in the last census, by age and sex?"
        return NewRun(*thread, self._id(), prompt)

    def creates(self, size: int) -> list[NewRun]:
        """New runs, 30 in 100 of them in new threads."""
        return [self._run(self._thread()) for _ in range(size)]

    def _thread(self) -> Thread:
        if self.draw.random() < 0.3:
            return Thread(self.draw.choice(self.threads).email, self._id())
        return self.draw.choice(self.threads)

    def changes(self, size: int) -> list[Vote]:
        """Votes on different runs, each of which changes the stored one."""
        drawn = [
            Vote(run.email, run.run_id, not self.votes.get(run.run_id, self.draw.random() < 0.5))
            for run in self.draw.sample(self.runs, size)
        ]
        self.votes.update((vote.run_id, vote.sentiment) for vote in drawn)
        return drawn
