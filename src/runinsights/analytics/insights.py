"""What an analyst holds: one window of one tenant, and a result a word."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from runinsights.analytics import questions
from runinsights.analytics.buckets import Unit
from runinsights.analytics.context import Context
from runinsights.analytics.defaults import DEFAULTS, Defaults
from runinsights.analytics.filters import check_where
from runinsights.analytics.marks import MarkSource
from runinsights.analytics.nearest import checked
from runinsights.analytics.queries import QueryLike, window_frame
from runinsights.analytics.questions.compare import To, Weekdays
from runinsights.analytics.results import FeedbackCoverageResult, ProblemPromptsResult, Result, RunVolumeResult
from runinsights.analytics.stats import Variance
from runinsights.checks import check_tenant, check_text
from runinsights.client import RunInsights
from runinsights.errors import InvalidInput
from runinsights.model import Window

if TYPE_CHECKING:
    import pandas as pd

    from runinsights.analytics.pull import FrameKind


class Insights:
    """The analytics of one window; each method asks the database and returns a result with frame and figure.

    `last` is like "90 days"; or give `since` and `until`. `as_of` (default: now) fixes what counts as over.
    Totals and comparisons leave out the local day that is not over at `as_of`; charts show it, shaded.
    `tenant` is the client's own unless given. `where` keeps the runs whose attributes have these values.
    `annotations` are deploys and the like: pairs of time and label, a CSV file with the columns at and label, or
    a query function whose rows have them; `releases` is an attribute, such as a version, whose new values are
    annotations too. Raises TypeError where `db` is not the sync client or a keyword is unknown, InvalidInput for
    a window, tenant or filter that cannot be. Nothing is kept between calls: each shows the database as it is then.
    """

    @checked
    def __init__(
        self,
        db: RunInsights,
        *,
        tz: str,
        last: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        as_of: datetime | None = None,
        tenant: UUID | str | None = None,
        where: Mapping[str, Any] | None = None,
        annotations: MarkSource = None,
        releases: str | None = None,
        defaults: Defaults = DEFAULTS,
    ) -> None:
        if not isinstance(db, RunInsights):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"Insights needs the client that runinsights.connect(url) gives, not {type(db).__name__}")
        self._db = db
        self._context = Context(
            db=db,
            window=Window.of(tz=tz, last=last, since=since, until=until, as_of=as_of),
            tenant=db.tenant if tenant is None else check_tenant(tenant),
            defaults=defaults,
            where=check_where(where),
            marks=annotations,
            releases=None if releases is None else check_text("releases", releases, 255),
        )

    @property
    def window(self) -> Window:
        """The window, with its zone and `as_of`."""
        return self._context.window

    @property
    def tenant(self) -> UUID:
        """Whose runs these are."""
        return self._context.tenant

    @property
    def defaults(self) -> Defaults:
        """The thresholds in force."""
        return self._context.defaults

    def where(self, attributes: Mapping[str, Any]) -> Insights:
        """The same analysis of fewer runs: those whose attributes have these values too. Raises InvalidInput."""
        narrowed = Insights.__new__(Insights)
        narrowed._db = self._db
        narrowed._context = self._context.changed(where={**self._context.where, **check_where(attributes)})
        return narrowed

    @checked
    def sentiment_trend(
        self, *, bucket: Unit | None = None, by: str | None = None, variance: Variance = "linearised"
    ) -> Result:
        """Approval per bucket with its interval; without `bucket`, the smallest unit with votes enough.

        `by` an attribute, a series per value of it. Baseline, limits, alarms and the likely change are columns.
        `variance="jackknife"` gives wider intervals, safer where few people cast most votes.
        """
        return questions.sentiment_trend(self._context, bucket, by, variance)

    @checked
    def run_volume(self, *, bucket: Unit | None = None) -> RunVolumeResult:
        """Runs, threads, owners and new owners per bucket; `.heatmap` has the hours of the week.

        The frame's `attrs["totals"]` has the counts of the window.
        """
        return questions.run_volume(self._context, bucket)

    @checked
    def feedback_coverage(self, *, by: str | None = None) -> FeedbackCoverageResult:
        """Votes, coverage and what the unrated runs leave open; of the whole window, or per value of an attribute.

        `.voters` sets voted runs beside the others. Without rows, the frame's `attrs["left_out"]` has the runs of
        the day that is not over.
        """
        return questions.feedback_coverage(self._context, by)

    @checked
    def compare(
        self,
        *,
        to: To = "previous",
        by: str | None = None,
        a: str | None = None,
        b: str | None = None,
        weekdays: Weekdays = "equal",
    ) -> Result:
        """The change of approval with its interval, against an earlier window or between two groups.

        `to` is "previous", "release" (the latest annotation), the label of an annotation, or (since, until).
        With "equal" weekdays the earlier window begins whole weeks before; "any" takes the one just before.
        `by` an attribute, per value of it, with the share of each in the change; with `a` and `b`, its value `a`
        against its value `b` within the window.
        """
        if a is None and b is None:
            return questions.compare(self._context, to, by, weekdays)
        if by is None or a is None or b is None:
            raise InvalidInput("by", "must be given together with a and b")
        return questions.groups(self._context, by, a, b)

    @checked
    def segments(self, attribute: str, *, to: To = "previous", weekdays: Weekdays = "equal") -> Result:
        """The comparison per value of an attribute of the runs: who got worse, and whether shares explain it."""
        return questions.compare(self._context, to, attribute, weekdays, "segments")

    @checked
    def problem_prompts(self, *, candidates: bool = False) -> ProblemPromptsResult:
        """The kinds of prompt that are disliked more than chance explains; with `candidates`, all that were tested.

        The frame's `attrs["counts"]` says what was read and dropped; `.runs(group)` gives the rows of a group.
        """
        return questions.problem_prompts(self._context, candidates=candidates)

    def query(self, query: QueryLike, /, **params: Any) -> pd.DataFrame:
        """The rows of any query as `query_frame` gives them; our own queries get tenant and window unless given."""
        return window_frame(self._context.db, query, self._context.words(), params)

    @checked
    def users(self, *, raw_users: bool = False) -> Result:
        """What each user did, by first run, under pseudonyms unless `raw_users`.

        U1, U2, … or, where RUNINSIGHTS_PSEUDONYM_KEY is set, ten digits that stay the same over analyses.
        """
        return questions.users(self._context, raw_users=raw_users)

    @checked
    def comments(self, text: str | None = None, *, redact: bool = True, raw_users: bool = False) -> Result:
        """What people wrote with their votes, oldest first; with `text`, the comments that contain it in any case."""
        return questions.comments(self._context, text, redact=redact, raw_users=raw_users)

    @checked
    def releases(self) -> Result:
        """The annotations and releases within the window, by time."""
        return questions.releases(self._context)

    @checked
    def data_quality(self) -> Result:
        """What makes these numbers doubtful, a note a row with its count."""
        return questions.data_quality(self._context)

    @checked
    def runs(
        self,
        *,
        columns: list[str] | None = None,
        as_: FrameKind = "pandas",
        progress: Callable[[int], object] | None = None,
    ) -> Any:
        """The runs of the window, oldest first, as a pandas or polars DataFrame or an Arrow table.

        `columns` may name attributes beside run_id, thread_id, user_key, prompt, sentiment, timestamp,
        sentiment_at and attributes (JSON text). `progress` is told the rows read so far. Raises InvalidInput.
        """
        return questions.runs(self._context, columns, as_, progress)

    @checked
    def iter_runs(
        self, *, columns: list[str] | None = None, as_: FrameKind = "pandas", batch_rows: int = 50_000
    ) -> Iterator[Any]:
        """The same runs in frames of about `batch_rows` rows, so that memory stays bounded."""
        return questions.iter_runs(self._context, columns, as_, batch_rows)
