"""What an analyst types, what comes back, and what is refused in one sentence."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from tests.increment.analyst.files import csv_of, members, parquet_of, weeks
from tests.increment.analyst.terminal import NOT_READABLE, check_number, json_of, refused, typed

ASKED = ("--arm", "arm", "--control", "holdout", "--outcome", "spent")


def test_every_number_of_the_json_carries_its_doubt(tmp_path: Path) -> None:
    file = csv_of(tmp_path, members())
    found = json_of(
        "measure", "members", file, *ASKED, "--outcome", "orders", "--ratio", "spent/orders",
        "--covariate", "before", "--unit", "member", "--share", "0.25",
    )  # fmt: skip
    assert found["readable"] is True
    assert found["because"] == []
    assert [each["outcome"] for each in found["outcomes"]] == ["spent", "orders", "spent/orders"]
    for each in found["outcomes"]:
        for name in ("adjusted", "raw", "relative", "relative_raw", "total"):
            if each["outcome"] == "spent/orders" and name == "total":
                assert each[name] is None
            else:
                check_number(each[name])
        assert each["p_holm"] >= each["adjusted"]["p"]
    guards = found["outcomes"][0]["adjusted"]["guards"]
    assert guards["unit_in_one_arm_checked"] is True
    assert 0 <= guards["sample_ratio_p"] <= 1
    assert set(found["units"]) == {"holdout", "treated"}


def test_the_terminal_says_it_in_a_table_and_in_words(tmp_path: Path) -> None:
    file = parquet_of(tmp_path, members(lift=0.5))
    ended = typed("measure", "members", file, *ASKED, "--covariate", "before", "--share", "0.25")
    assert ended.exit_code == 0, ended.output
    assert "cuped lift" in ended.output
    assert "welch lift" in ended.output
    assert "spent: treated against holdout is higher, beyond chance" in ended.output
    assert "name --unit to have it checked" in ended.output
    assert max(len(line) for line in ended.output.splitlines() if line.startswith("  ")) <= 80


def test_arms_that_are_not_healthy_end_with_a_reason(tmp_path: Path) -> None:
    file = csv_of(tmp_path, members())
    ended = typed("measure", "members", file, *ASKED, "--share", "0.5")
    assert ended.exit_code == NOT_READABLE
    assert "not readable, because" in ended.stderr
    assert "lift" not in ended.stdout


def test_a_packed_file_with_other_delimiters_reads_the_same(tmp_path: Path) -> None:
    plain = csv_of(tmp_path, members(200))
    packed = tmp_path / "test.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes().replace(b",", b";")))
    one = json_of("measure", "members", plain, *ASKED)
    other = json_of("measure", "members", packed, *ASKED)
    assert one["outcomes"] == other["outcomes"]


def changed(**columns: Any) -> dict[str, list[Any]]:
    """Make members, and spoil some of their columns."""
    made = members(40)
    for name, change in columns.items():
        made[name] = [change(place, value) for place, value in enumerate(made[name])]
    return made


def at(where: int, instead: object) -> Any:
    """Put something else in one place."""
    return lambda place, value: instead if place == where else value


@pytest.mark.parametrize(
    "columns, options, sentence",
    [
        (changed(), ("--control", "nobody"), "no row of the column arm says nobody; it says"),
        (changed(arm=lambda *_: "holdout"), (), "every row of the column arm says holdout"),
        (changed(arm=at(3, None)), (), "1 rows without a value in the column arm"),
        (changed(arm=lambda place, _: f"arm {place}"), ("--control", "arm 1"), "different values"),
        (changed(arm=lambda place, _: "holdout" if place else "treated"), (),
         "the treated arm has 1 units; two are the least"),
        (changed(member=at(1, "m0"), arm=lambda place, _: "holdout" if place % 2 else "treated"),
         ("--unit", "member"), "1 units are in two arms, as member m0"),
        (changed(member=at(1, None)), ("--unit", "member"), "without a value in the column member"),
        (changed(spent=lambda *_: 7), (), "spent: the outcome does not vary"),
        (changed(spent=at(5, None)), (), "1 rows without a value in the column spent"),
        (changed(spent=lambda place, value: float("nan") if place < 2 else value / 7), (),
         "2 rows that are not a number (NaN) in the column spent"),
        (changed(spent=lambda place, value: float("inf") if place < 3 else value / 7), (),
         "3 infinite values in the column spent"),
        (changed(), ("--outcome", "guide2"), "there is no column guide2 in"),
        (changed(), ("--outcome", "member"), "holds 40 values that are no numbers, as 'm0'"),
        (changed(), ("--covariate", "spent"), "spent is an outcome already"),
        (changed(), ("--ratio", "spent"), "spent is not NUM/DEN"),
        (changed(orders=lambda place, _: place % 2 * 2 - 1), ("--ratio", "spent/orders"),
         "orders cannot be told from zero"),
        (changed(), ("--share", "1.5"), "the share held out lies between 0 and 1"),
        (changed(), ("--cluster", "guide"), "20 are the least"),
        (changed(guide=lambda place, _: place % 3), ("--cluster", "guide"),
         "3 clusters have members in two arms"),
        (changed(), ("--time", "guide"), "--time and --from go together"),
        (changed(), ("--time", "guide", "--from", "3"), "name their column"),
        (changed(), ("--time", "guide", "--from", "soon", "--unit", "member"),
         "soon is no moment of the column guide"),
        (changed(), ("--time", "arm", "--from", "3", "--unit", "member"), "text that is no date"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("write", [csv_of, parquet_of])
def test_bad_input_is_refused_in_one_sentence(
    write: Any, columns: dict[str, list[Any]], options: tuple[str, ...], sentence: str,
    tmp_path: Path,
) -> None:  # fmt: skip
    file = write(tmp_path, columns)
    assert sentence in refused(tmp_path, "measure", "members", file, *ASKED, *options)


def test_a_covariate_that_changes_within_a_member_is_no_past(tmp_path: Path) -> None:
    columns = weeks(members(40))
    columns["before"] = columns["week"]
    file = csv_of(tmp_path, columns)
    said = refused(tmp_path, "measure", "members", file, *ASKED, "--covariate", "before",
                   "--unit", "member")  # fmt: skip
    assert "40 units have a covariate or cluster that differs" in said


@pytest.mark.parametrize(
    "name, content, sentence",
    [
        ("test.csv", b"", "has no first row that names the columns"),
        ("test.csv", b"arm,spent\n", "has no rows"),
        ("test.csv", b"arm,spent,spent\na,1,2\n", "names the column spent twice"),
        ("test.csv", "arm,spent\n中,1\n".encode("gbk"), "UTF-8"),
        ("test.csv", b"arm,spent\na,1\nb,2,3\n", "cannot be read"),
        ("test.csv", b"arm,spent\n" + b"holdout,1\n" * 30_000 + b"treated,x\n", 'string "x"'),
        ("test.parquet", b"junk", "cannot be read"),
        ("test.csv.gz", b"junk", "not in UTF-8"),
        ("test.txt", b"arm,spent\na,1\n", "neither .csv, .csv.gz nor .parquet"),
        ("test*.csv", b"arm,spent\na,1\n", "which stand for others"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    name: str, content: bytes, sentence: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    assert sentence in refused(tmp_path, "measure", "members", file, *ASKED)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "there is no file" in refused(
        tmp_path, "measure", "members", tmp_path / "no.csv", *ASKED
    )


def test_a_columns_name_is_nothing_but_a_name(tmp_path: Path) -> None:
    columns = members(80)
    odd = 'spent"; DROP [bold]'
    columns[odd] = columns.pop("spent")
    file = parquet_of(tmp_path, columns)
    ended = typed("measure", "members", file, *ASKED[:4], "--outcome", odd)
    assert ended.exit_code == 0, ended.output
    assert f"{odd}: treated against holdout" in ended.output


def test_a_question_that_is_typed_twice_is_asked_once(tmp_path: Path) -> None:
    file = csv_of(tmp_path, members())
    again = ("--outcome", "spent", "--covariate", "before", "--covariate", "before")
    found = json_of("measure", "members", file, *ASKED, *again)
    assert len(found["outcomes"]) == 1


def test_a_column_that_is_called_as_a_sum_before_is_no_second_one(tmp_path: Path) -> None:
    columns = weeks(members(80))
    columns["spent before"] = [1] * len(columns["week"])
    asked = ("--unit", "member", "--time", "week", "--from", "2", "--covariate", "spent before")
    file = csv_of(tmp_path, columns)
    said = refused(tmp_path, "measure", "members", file, *ASKED, *asked)
    assert "spent before is a covariate twice" in said


def test_columns_may_be_called_as_the_reading_calls_its_own(tmp_path: Path) -> None:
    columns = members(200)
    plain = json_of("measure", "members", csv_of(tmp_path, columns), *ASKED, "--unit", "member")
    odd = {"rows": columns["member"], "v0": columns["arm"], "arm": columns["spent"]}
    asked = ("--arm", "v0", "--control", "holdout", "--outcome", "arm", "--unit", "rows")
    found = json_of("measure", "members", csv_of(tmp_path, odd), *asked)
    assert found["outcomes"][0]["raw"] == plain["outcomes"][0]["raw"]


def test_what_the_figures_lack_is_said_in_the_terminals_language(tmp_path: Path) -> None:
    columns = members(80)
    columns["spent"] = [100] * 80
    file = csv_of(tmp_path, columns)
    said = [typed("measure", "members", file, *ASKED, language=each) for each in ("zh", "en")]
    assert [each.exit_code for each in said] == [2, 2]
    assert said[0].stderr.strip() == "headwater: 无法估计：spent：结果没有任何变化"
    assert said[1].stderr.strip() == "headwater: no estimate: spent: the outcome does not vary"
