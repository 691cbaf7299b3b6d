"""Campaigns drawn together: small arms bend no lift, and a rank needs campaigns enough."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.increment.statistics import worlds

from headwater.increment.errors import CannotEstimate
from headwater.increment.statistics import means
from headwater.increment.statistics.means import Contrast
from headwater.increment.statistics.pooled import campaigns
from headwater.increment.statistics.shrinkage import Raw

CHANNEL_OF = {f"sms {at}": "sms" for at in range(4)} | {f"chat {at}": "chat" for at in range(4)}


def contrast(random: np.random.Generator, lift: float) -> Contrast:
    treated = worlds.summed(worlds.members(random, 400, lift))
    holdout = worlds.summed(worlds.members(random, 100))
    return means.adjusted(treated, holdout, "spent", worlds.COVARIATES[:1])


def test_over_many_small_campaigns_the_weighted_middle_is_the_truth() -> None:
    random = np.random.default_rng(5)
    found = [campaigns.log_lift(contrast(random, 0.1)) for _ in range(600)]
    told = [each for each in found if each is not None]
    assert len(told) == 600
    values = np.array([each.value for each in told])
    errors = np.array([each.standard_error for each in told])
    middle = float(np.average(values, weights=errors**-2))
    chance = float(values.std()) / np.sqrt(len(told))
    assert np.expm1(middle) == pytest.approx(0.1, abs=4 * chance)
    assert errors.mean() == pytest.approx(float(values.std()), rel=0.1)


def test_where_nothing_was_bought_there_is_no_lift() -> None:
    found = contrast(np.random.default_rng(1), 0.1)
    assert campaigns.log_lift(replace(found, base=-found.base)) is None
    assert campaigns.log_lift(replace(found, value=-2 * found.base)) is None
    assert campaigns.log_lift(replace(found, base_variance=found.base**2)) is None


def test_the_same_campaign_is_expected_to_bring_more_in_a_better_channel() -> None:
    raws = {name: Raw(0.06 if name.startswith("sms") else 0.0, 0.01) for name in CHANNEL_OF}
    raws["sms 0"] = raws["chat 0"] = Raw(0.03, 0.03)
    found = campaigns.pool(raws, CHANNEL_OF)
    assert found.campaigns["sms 0"].value > 0.03 > found.campaigns["chat 0"].value
    assert found.channels["sms"].value > found.average.value > found.channels["chat"].value
    assert found.best["sms"] > 0.8
    assert sum(found.best.values()) == pytest.approx(1.0)


def test_equal_channels_are_said_to_be_equal() -> None:
    raws = {name: Raw(0.02, 0.02) for name in CHANNEL_OF}
    found = campaigns.pool(raws, CHANNEL_OF)
    assert found.best["sms"] == pytest.approx(0.5, abs=0.05)
    assert found.following["sms"].low < found.channels["sms"].low


def test_a_channel_with_two_campaigns_and_a_channel_alone_are_not_ranked() -> None:
    fewer = {name: at for name, at in CHANNEL_OF.items() if name not in ("chat 0", "chat 1")}
    assert campaigns.ranked(fewer) == []
    assert campaigns.ranked(CHANNEL_OF) == ["chat", "sms"]
    with_third = CHANNEL_OF | {"ads 0": "ads"}
    assert campaigns.ranked(with_third) == ["chat", "sms"]
    raws = {name: Raw(0.02, 0.02) for name in with_third}
    found = campaigns.pool(raws, with_third)
    assert set(found.best) == {"chat", "sms"}
    assert set(found.channels) == {"ads", "chat", "sms"}


def test_four_campaigns_are_refused() -> None:
    four = dict.fromkeys(list(CHANNEL_OF)[:4], "sms")
    with pytest.raises(CannotEstimate, match="tell nothing of how units differ"):
        campaigns.pool({name: Raw(0.0, 0.1) for name in four}, four)
