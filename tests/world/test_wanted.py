"""A world is asked for by a name or a file; what cannot be lived is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from headwater.base.errors import BadInput
from headwater.cli.simulate import simulate, wanted_of
from headwater.world import wanted as worlds
from headwater.world.heart.effects import Effect
from headwater.world.wanted import PRESETS, Push, Wanted


def test_every_preset_can_be_lived() -> None:
    for preset in PRESETS.values():
        preset.check()
        preset.calibrated().check()


def test_a_file_changes_parts_of_a_preset(tmp_path: Path) -> None:
    file = tmp_path / "world.toml"
    file.write_text(
        'like = "drug"\nweeks = 6\nleak = 0.1\n[ways]\nreturns_share = 0.2\n'
        '[[pushes]]\nname = "mail"\nweek = 1\nwindow_days = 14\n'
        'effect = {name = "mail", channel = "message", lift = 0.3}\n'
    )
    found = worlds.world(str(file))
    assert (found.brand, found.weeks, found.leak) == ("drug", 6, 0.1)
    assert (found.ways.returns_share, found.ways.lapse) == (0.2, Wanted().ways.lapse)
    assert [each.effect.lift for each in found.pushes] == [0.3]


@pytest.mark.parametrize(
    "words, field",
    [
        ("wheels = 4", "wheels"),
        ("[ways]\nlaps = 1", "ways.laps"),
        ('weeks = "many"', "world"),
        ("weeks = ", "world"),
        ('like = "moon"', "like"),
    ],
)
def test_what_a_file_misspells_is_named(tmp_path: Path, words: str, field: str) -> None:
    file = tmp_path / "world.toml"
    file.write_text(words)
    with pytest.raises(BadInput) as refused:
        worlds.world(str(file))
    assert refused.value.field == field


@pytest.mark.parametrize(
    "change, field",
    [
        ({"members": 9}, "members"),
        ({"weeks": 0}, "weeks"),
        ({"true_lift": 7.0}, "true-lift"),
        ({"leak": 1.5}, "leak"),
        ({"interference": -0.1}, "interference"),
        ({"brand": "cars"}, "brand"),
        ({"programme_holdout_percent": 60}, "programme_holdout_percent"),
    ],
)
def test_what_cannot_be_lived_is_refused(change: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        replace(Wanted(), **change).check()  # type: ignore[arg-type]
    assert refused.value.field == field


def test_neither_a_file_nor_a_preset_is_refused() -> None:
    with pytest.raises(BadInput, match="neither a file nor"):
        worlds.world("atlantis")


def test_campaigns_are_scaled_to_the_true_lift_that_is_asked_for() -> None:
    push = Push(Effect("mail", "message", 5.0), "mail", 0, 28, holdout_percent=20)
    found = replace(Wanted(), weeks=4, true_lift=0.08, pushes=(push,)).calibrated()
    # Nine in ten allow it and eight in ten are treated, from the second day on.
    assert found.pushes[0].effect.lift * 0.9 * 0.8 * 27 / 28 == pytest.approx(0.08)
    nothing = replace(found, true_lift=0.0).calibrated()
    assert [each.effect.lift for each in nothing.pushes] == [0.0]
    assert nothing.guides.lift == 0.0


def test_what_the_command_is_asked_for_lies_over_the_preset() -> None:
    found = wanted_of("leaky", weeks=6, seed=None, true_lift=0.02)
    assert (found.weeks, found.true_lift, found.leak, found.seed) == (6, 0.02, 0.05, Wanted().seed)
    with pytest.raises(BadInput, match="weeks"):
        wanted_of("grocery", weeks=0)


def test_the_command_says_how_it_is_used() -> None:
    shown = CliRunner().invoke(simulate, ["--help"])
    assert shown.exit_code == 0
    for option in ("--world", "--members", "--true-lift", "--interference", "--leak", "--truth"):
        assert option in shown.output
    assert "Example: headwater simulate" in shown.output
