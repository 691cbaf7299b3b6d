"""What figures lack is said in both languages, by a code that a ledger's row can keep."""

from __future__ import annotations

import ast
import pickle
import re
from pathlib import Path

import msgspec
import pytest

import headwater.increment
from headwater.increment.errors import CannotEstimate, Why, sentences
from headwater.web.kit.wording import refusal_sentence

ROOM = Path(headwater.increment.__file__).parent
BRACES = re.compile(r"{(\w+)(?::[^}]*)?}")
CODE = re.compile(r"[a-z0-9_]+")


def named() -> dict[str, set[str]]:
    """Each code that the room uses, with the names of the values that go with it."""
    found: dict[str, set[str]] = {}
    for file in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in {"CannotEstimate", "Why"} and node.args:
                for code in codes_in(node.args[0]):
                    found.setdefault(code, set()).update(each.arg or "" for each in node.keywords)
    return found


def codes_in(node: ast.expr) -> list[str]:
    """The code of a refusal, or both where one is chosen."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    return codes_in(node.body) + codes_in(node.orelse) if isinstance(node, ast.IfExp) else []


def test_every_code_has_its_sentence_with_the_values_that_it_is_given() -> None:
    used = named()
    assert len(used) > 100
    assert not set(used) - set(sentences()), "these codes have no sentence"
    assert not set(sentences()) - set(used), "these sentences are said by nobody"
    for code, values in used.items():
        for language, sentence in sentences()[code].items():
            assert set(BRACES.findall(sentence)) <= values, (code, language)


def test_both_languages_say_the_same_values() -> None:
    for code, said in sentences().items():
        assert set(said) == {"zh", "en"}, code
        assert set(BRACES.findall(said["zh"])) == set(BRACES.findall(said["en"])), code
        assert CODE.fullmatch(code)


def test_a_refusal_is_said_in_the_language_of_its_reader() -> None:
    refused = CannotEstimate("few_units", arm="holdout", count=1)
    assert refused.details["why"] == "the holdout arm has 1 units; two are the least"
    assert refusal_sentence(refused, "zh") == "这些数据无法估计：对照组只有 1 个单位；至少要两个。"
    assert "the holdout arm has 1 units" in refusal_sentence(refused, "en")


def test_names_are_cut_short_in_either_language() -> None:
    why = Why("in_no_stratum", units=("A", "B", "C", "D", "E"))
    assert why == "A, B, C and 2 more stands in no stratum"
    assert why.said_in("zh") == "A、B、C 等 5 个 没有归入任何一层"


def test_what_a_row_keeps_is_said_again_in_both_languages() -> None:
    lacks = Why("no_variance")
    why = Why("of_outcome", outcome="sales", why=lacks)
    kept = msgspec.json.decode(msgspec.json.encode(why.as_row()))
    assert Why.from_row(kept).said_in("zh") == "sales：结果没有任何变化"
    assert Why.from_row(kept) == "sales: the outcome does not vary"
    assert Why.from_row("a sentence of old").said_in("zh") == "a sentence of old"


def test_a_refusal_crosses_to_another_process() -> None:
    refused = pickle.loads(pickle.dumps(CannotEstimate("few_units", arm="treated", count=0)))
    assert refused.why.said_in("zh") == "实验组只有 0 个单位；至少要两个"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_code_without_words_is_its_own_sentence(language: str) -> None:
    assert Why("nobody wrote this").said_in(language) == "nobody wrote this"
