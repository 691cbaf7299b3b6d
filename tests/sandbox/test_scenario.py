"""Scenarios: what goes wrong when, drawn by the seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.sandbox.merchant import Clock, Town

from headwater.sandbox.faults import Faults
from headwater.sandbox.scenario import BadScenario, Stage, play, read_script, understood

JSAPI = "/v3/pay/transactions/jsapi"


def struck(rule: dict[str, Any], occasions: int, seed: int = 7) -> list[int]:
    """The occasions, counted from one, on which a rule strikes."""
    faults = Faults()
    play(understood({"rule": [rule]}), faults, Stage(seed, 1.0, Clock()))
    return [number for number in range(1, occasions + 1) if faults.spends(rule["fault"])]


def test_a_rule_without_a_choice_strikes_always() -> None:
    assert struck({"fault": "fail_next"}, 3) == [1, 2, 3]


def test_a_rule_may_name_its_occasions() -> None:
    assert struck({"fault": "fail_next", "at": [2, 5]}, 6) == [2, 5]


def test_a_rule_may_strike_each_so_manieth_time_and_end() -> None:
    assert struck({"fault": "drop_next", "every": 3, "most": 2}, 12) == [3, 6]


def test_a_share_is_drawn_by_the_seed() -> None:
    rule = {"fault": "hang_next", "share": 0.2}
    first, again, other = (struck(rule, 2_000, seed) for seed in (7, 7, 8))
    assert first == again
    assert first != other
    assert 320 < len(first) < 480


def test_nothing_and_everything_are_shares_too() -> None:
    assert struck({"fault": "drop_next", "share": 0}, 50) == []
    assert len(struck({"fault": "drop_next", "share": 1}, 50)) == 50


def test_a_window_opens_and_shuts_faster_with_the_speed() -> None:
    clock, faults = Clock(), Faults()
    rule = {"fault": "fail_next", "from_seconds": 60, "until_seconds": 120}
    play(understood({"rule": [rule]}), faults, Stage(7, 10.0, clock))
    heard = []
    for _tenth in range(15):
        heard.append(faults.spends("fail_next"))
        clock.move(seconds=1)
    assert [place for place, hit in enumerate(heard) if hit] == [6, 7, 8, 9, 10, 11]


def test_a_measure_is_the_larger_of_the_field_and_the_rule() -> None:
    faults = Faults(delay_seconds=5)
    rules = [{"fault": "delay_seconds", "value": 20, "at": [2]}]
    play(understood({"steady": {"delay_seconds": 5}, "rule": rules}), faults, Stage(7, 1, Clock()))
    assert [faults.drawn("delay_seconds") for _ in range(3)] == [5, 20, 5]


def test_what_was_asked_for_by_hand_comes_before_the_rules() -> None:
    faults = Faults()
    play(understood({"rule": [{"fault": "fail_next", "at": [1]}]}), faults, Stage(7, 1.0, Clock()))
    faults.fail_next = 1
    assert [faults.spends("fail_next") for _ in range(3)] == [True, True, False]
    assert faults.told()[0]["occasions"] == 2


@pytest.mark.parametrize(
    "plain, why",
    [
        ({"rule": [{"fault": "sing"}]}, "sing"),
        ({"rule": [{"fault": "notices_signed_with"}]}, "notices_signed_with"),
        ({"rule": [{"fault": "spends"}]}, "spends"),
        ({"rule": [{"fault": "fail_next", "share": 1.01}]}, "share"),
        ({"rule": [{"fault": "fail_next", "at": [0]}]}, "at"),
        ({"rule": [{"fault": "fail_next", "every": 0}]}, "every"),
        ({"rule": [{"fault": "fail_next", "at": [1], "every": 2}]}, "one of"),
        ({"rule": [{"fault": "fail_next", "often": 2}]}, "often"),
        ({"rule": [{}]}, "fault"),
        ({"steady": {"duplicates": -1}}, "duplicates"),
        ({"steady": {"sing": 1}}, "sing"),
        ({"rules": []}, "rules"),
    ],
)
def test_a_script_that_means_nothing_is_refused_with_its_reason(
    plain: dict[str, Any], why: str
) -> None:
    with pytest.raises(BadScenario, match=why):
        understood(plain)


def test_a_file_that_is_no_script_is_named(tmp_path: Path) -> None:
    file = tmp_path / "storm.toml"
    for text in ("[[rule", '[[rule]]\nfault = "sing"\n'):
        file.write_text(text)
        with pytest.raises(BadScenario, match=r"storm\.toml"):
            read_script(file)
    with pytest.raises(BadScenario, match=r"missing\.toml"):
        read_script(tmp_path / "missing.toml")


def test_the_published_storm_is_understood() -> None:
    storm = Path(__file__).parents[2] / "benchmarks" / "storm.toml"
    assert len(read_script(storm).rule) >= 8


async def test_a_scenario_is_put_in_by_a_side_door_and_tells_what_it_did(town: Town) -> None:
    script = {"rule": [{"fault": "fail_next", "at": [2]}]}
    assert (await town.side("PUT", "/scenario", script)).status_code == 200
    codes = [(await town.post(JSAPI, town.body())).status_code for _ in range(3)]
    assert codes == [200, 500, 200]
    (told,) = (await town.side("GET", "/scenario")).json()["rules"]
    assert (told["occasions"], told["hits"], told["rule"]["fault"]) == (3, 1, "fail_next")


async def test_a_bad_scenario_changes_nothing(town: Town) -> None:
    await town.side("PUT", "/scenario", {"rule": [{"fault": "fail_next"}]})
    answer = await town.side("PUT", "/scenario", {"rule": [{"fault": "sing"}]})
    assert answer.status_code == 422
    assert (await town.post(JSAPI, town.body())).status_code == 500
