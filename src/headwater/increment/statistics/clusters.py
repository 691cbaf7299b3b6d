"""Clusters: members were not drawn one by one but with their guide or their store.

Whoever was drawn together is one unit. An arm's mean is the ratio of two cluster sums, outcome and
members, and its doubt is that of clusters, with as many degrees of freedom as clusters less two
(Donald and Lang, Review of Economics and Statistics 89 (2007), 221-233). With few clusters even
Student's t promises too much: 8 of 80 stores covered 0.92 instead of 0.95 in our worlds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics.means import Contrast
from headwater.increment.statistics.moments import Moments
from headwater.increment.statistics.ratios import ratio

LEAST_CLUSTERS: Final = 20


def clustered(
    treated: Moments,
    holdout: Moments,
    outcome: str,
    members: str,
    covariates: Sequence[str] = (),
    least: int = LEAST_CLUSTERS,
) -> Contrast:
    """Compare means per member whose units are clusters: one row a cluster, with its sums.

    Covariates are per cluster, and the counts of the figure are clusters. Fewer than `least` in an
    arm are refused; a design that drew them has its own exact test.
    """
    for name, arm in (("treated", treated), ("holdout", holdout)):
        if arm.n < least:
            raise CannotEstimate("few_clusters", arm=name, count=arm.n, least=least)
    found = ratio(treated, holdout, outcome, members, covariates)
    degrees = min(found.degrees, float(treated.n + holdout.n - 2 - 2 * len(covariates)))
    if degrees < 1:
        raise CannotEstimate("clusters_like_covariates")
    return replace(found, degrees=degrees, method=f"clustered {found.method}")
