"""Words that tell disliked prompts from liked ones; for labels only, nothing is tested by them."""

from __future__ import annotations

import math
from collections.abc import Mapping

PRIOR = 10.0


def telling_words(down: Mapping[str, int], up: Mapping[str, int], strength: float = PRIOR) -> dict[str, float]:
    """z of each word's log odds, down against up, with a Dirichlet prior spread by frequency (Monroe et al. 2008)."""
    downs, ups = sum(down.values()), sum(up.values())
    total = downs + ups
    scores: dict[str, float] = {}
    for word in {**down, **up}:
        d, u = down.get(word, 0), up.get(word, 0)
        prior = strength * (d + u) / total if d + u else 0.0
        if not prior or prior >= strength:
            scores[word] = 0.0
            continue
        odds = [math.log((count + prior) / (size + strength - count - prior)) for count, size in ((d, downs), (u, ups))]
        scores[word] = (odds[0] - odds[1]) / math.sqrt(1 / (d + prior) + 1 / (u + prior))
    return scores
