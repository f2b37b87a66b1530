"""The watch over the test run sees what it is there for."""

from __future__ import annotations

import logging
import re

import runinsights as ri
from canaries import Canaries


def test_a_log_line_and_an_error_with_planted_data_are_noticed_and_others_are_not() -> None:
    original = ri.RunInsightsError.__init__
    root = logging.getLogger()
    watch = Canaries(re.compile("songbird"))
    watch.listen()
    try:
        logging.getLogger("psycopg.pool").debug("harmless")
        assert watch.told == []
        logging.getLogger("psycopg.pool").debug("about %s", "a songbird")
        ri.NotFound("no run of a songbird")
        assert [text.split(":")[0] for text in watch.told] == ["psycopg.pool", "NotFound"]
    finally:
        root.removeHandler(watch)
        ri.RunInsightsError.__init__ = original  # type: ignore[method-assign]
