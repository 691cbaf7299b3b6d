"""Campaigns: what is said of a channel, of its next campaign and of the best must come true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from headwater.increment.statistics import means
from headwater.increment.statistics.pooled import campaigns
from headwater.increment.statistics.pooled.campaigns import Pooled
from headwater.increment.statistics.pooled.nested import Band
from headwater.increment.statistics.shrinkage import Raw
from headwater.world.honesty import bands
from headwater.world.honesty.bands import Line
from headwater.world.honesty.households import KNOWN, Households
from headwater.world.honesty.worlds import SALES, Design, Source, Sums, World

# How many campaigns each channel has had; the last one's single campaign is in no ranking.
COUNTS: Final = {"push": 9, "chat": 7, "sms": 5, "banner": 3, "ads": 1}
SIZES: Final = (4_000, 8_000, 16_000)
HELD: Final = 0.2
MEAN: Final = 0.02
# How far channels lie apart, and campaigns of one channel.
SPREADS: Final = ((0.0, 0.0), (0.01, 0.01), (0.03, 0.02))
CHANNEL_OF: Final = {
    f"{channel} {at}": channel for channel, count in COUNTS.items() for at in range(count)
}
# So much may a claim to be the best be off, where nothing but chance carries it there.
OFF: Final = 0.05


@dataclass(frozen=True)
class Truth:
    """What is true of one brand: each channel, each campaign, and the next of each channel."""

    channels: Mapping[str, float]
    campaigns: Mapping[str, float]
    following: Mapping[str, float]


@dataclass
class Score:
    """What one pair of spreads brought, a figure for each world."""

    held: dict[str, list[float]] = field(
        default_factory=lambda: {"channels": [], "campaigns": [], "following": [], "average": []}
    )
    squares: list[float] = field(default_factory=list)
    raw_squares: list[float] = field(default_factory=list)
    averages: list[float] = field(default_factory=list)
    best: list[float] = field(default_factory=list)
    claims: list[float] = field(default_factory=list)
    raw_claims: list[float] = field(default_factory=list)
    chances: list[float] = field(default_factory=list)


def study(households: Households, worlds: int, salts: int, seed: int) -> Iterator[Line]:
    """Read every campaign from its own holdout, and draw them together by channel."""
    quarter = households.quarter()
    sums = Sums(quarter)
    sources = [Source(quarter, Design(size, HELD), salts, seed + 4) for size in SIZES]
    for place, spread in enumerate(SPREADS):
        noise = np.random.default_rng([seed, len(CHANNEL_OF), place])
        drawn = [source.worlds(worlds * len(CHANNEL_OF)) for source in sources]
        score = Score()
        for _ in range(worlds):
            truth = _truth(noise, spread)
            _score(_measured(sums, drawn, truth), truth, score)
        yield from _lines(spread, score, worlds)


def _truth(noise: np.random.Generator, spread: tuple[float, float]) -> Truth:
    channels = {name: MEAN + spread[0] * float(noise.standard_normal()) for name in COUNTS}

    def of(channel: str) -> float:
        return channels[channel] + spread[1] * float(noise.standard_normal())

    return Truth(
        channels,
        {name: of(channel) for name, channel in CHANNEL_OF.items()},
        {name: of(name) for name in channels},
    )


def _measured(sums: Sums, drawn: list[Iterator[World]], truth: Truth) -> dict[str, Raw]:
    """Give each campaign's lift, as the product reads campaigns; sizes take turns."""
    found = {}
    for place, (name, lift) in enumerate(truth.campaigns.items()):
        treated, holdout = sums.of(next(drawn[place % len(drawn)]), lift)
        raw = campaigns.log_lift(means.adjusted(treated, holdout, SALES, KNOWN))
        assert raw is not None
        found[name] = raw
    return found


def _score(measured: Mapping[str, Raw], truth: Truth, score: Score) -> None:
    found: Pooled = campaigns.pool(measured, CHANNEL_OF)
    score.held["channels"].append(_held(found.channels, truth.channels))
    score.held["campaigns"].append(_held(found.campaigns, truth.campaigns))
    score.held["following"].append(_held(found.following, truth.following))
    raw = {name: float(np.expm1(each.value)) for name, each in measured.items()}
    said = {name: each.value for name, each in found.campaigns.items()}
    score.squares.append(_square(said, truth.campaigns))
    score.raw_squares.append(_square(raw, truth.campaigns))
    average = {"all": float(np.mean(list(truth.campaigns.values())))}
    score.held["average"].append(_held({"all": found.average}, average))
    score.averages.append(found.average.value - average["all"])
    plain = {
        name: float(np.mean([raw[each] for each in raw if CHANNEL_OF[each] == name]))
        for name in found.best
    }
    likeliest = max(found.best, key=lambda name: found.best[name])
    lucky = max(plain, key=lambda name: plain[name])
    truly = max(found.best, key=lambda name: truth.channels[name])
    score.best.append(found.best[likeliest] - float(likeliest == truly))
    score.chances.append(found.best[likeliest])
    score.claims.append(found.channels[likeliest].value - truth.channels[likeliest])
    score.raw_claims.append(plain[lucky] - truth.channels[lucky])


def _held(said: Mapping[str, Band], true: Mapping[str, float]) -> float:
    """Tell which share of these bands hold what is true."""
    return float(np.mean([each.low <= true[name] <= each.high for name, each in said.items()]))


def _square(said: Mapping[str, float], true: Mapping[str, float]) -> float:
    return float(np.mean([(each - true[name]) ** 2 for name, each in said.items()]))


def _lines(spread: tuple[float, float], score: Score, worlds: int) -> Iterator[Line]:
    subject = (
        f"{len(CHANNEL_OF)} campaigns of {len(COUNTS)} channels, true {MEAN:.0%},"
        f" channels {spread[0]:.0%} apart, campaigns {spread[1]:.0%}"
    )
    names = {
        "channels": "a channel", "campaigns": "a campaign", "following": "the next campaign",
        "average": "the average of all",
    }  # fmt: skip
    for key, name in names.items():
        yield _at_least(subject, f"95 % bands of {name} hold the truth", score.held[key])
    missed = float(np.sqrt(np.mean(score.squares) / np.mean(score.raw_squares)))
    yield Line(
        subject, "error of shrunken campaigns over that of raw ones", missed,
        missed / np.sqrt(2 * worlds * len(CHANNEL_OF)), worlds, None, 0.9,
    )  # fmt: skip
    yield bands.within(subject, "the average of all, beyond the truth", score.averages)
    claimed, error = bands.mean(score.chances)
    yield Line(subject, "chance of the likeliest channel to be best", claimed, error, worlds)
    if spread[0] > 0:
        yield bands.within(subject, "that chance, beyond how often it is", score.best, OFF)
    yield bands.within(
        subject, "likeliest channel: said beyond what is true", score.claims, 0.005, 0.004
    )
    claim, error = bands.mean(score.raw_claims)
    yield Line(
        subject, "best raw channel: said beyond what is true", claim, error, worlds, form="+.2%"
    )


def _at_least(subject: str, claim: str, shares: list[float]) -> Line:
    """Judge bands that may be too wide, since spreads are in doubt, and not too narrow.

    Bands of one world share its luck, so that it is worlds that count.
    """
    found, error = bands.mean(shares)
    room = max(bands.OFF, bands.chance(0.95, len(shares)))
    return Line(subject, claim, found, error, len(shares), 0.95 - room)
