"""What got worse since the last release, and for whom? The notebook of that name as a plain script.

pip install 'runinsights[analytics]'
python examples/what_got_worse.py                          # a year of demo data
python examples/what_got_worse.py postgresql://…           # your database
python examples/what_got_worse.py postgresql://… language  # for whom, by another attribute
"""

from __future__ import annotations

import sys

from runinsights.notebook import Params, insights


def main(url: str | None = None, segment: str = "model") -> None:
    """Print an answer to each of the four questions."""
    ins = insights(Params(url=url, last="90 days", tz="Europe/Prague", to="release", segment=segment))
    answers = {
        "Did it get worse?": ins.compare(to="release"),
        "For whom?": ins.segments(segment, to="release"),
        "Since when?": ins.sentiment_trend(by=segment),
        "With what prompts?": ins.problem_prompts(),
    }
    sys.stdout.writelines(f"{question} {result.summary}\n" for question, result in answers.items())


if __name__ == "__main__":
    main(*sys.argv[1:])
