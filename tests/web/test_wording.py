"""Every sentence has its English, and English has no sentence that nobody says."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import nodes
from starlette.types import Scope

from headwater.base.errors import BadInput, NotFound, Refusal
from headwater.web.kit import wording
from headwater.web.kit.pages import environment

DOORS = sorted(folder for folder in wording.WEB.iterdir() if (folder / "__init__.py").exists())
BRACES = re.compile(r"{(\w+)}")


def said_in_templates(folder: Path) -> Iterator[str]:
    """The sentences of a door's pages."""
    for file in sorted(folder.rglob("*.html")):
        for call in environment().parse(file.read_text()).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "_" and call.args:
                first = call.args[0]
                if isinstance(first, nodes.Const):
                    yield str(first.value)


def said_in_python(folder: Path) -> Iterator[str]:
    """The sentences of a door's code."""
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            name = node.func.id if isinstance(node.func, ast.Name) else name
            first = node.args[0]
            if name in {"_", "mark"} and isinstance(first, ast.Constant):
                yield str(first.value)


def said(folder: Path) -> set[str]:
    """Everything a door says."""
    return {*said_in_templates(folder), *said_in_python(folder)}


def english_of(folder: Path) -> set[str]:
    """The sentences for which a door itself has English."""
    file = folder / "wording/en.toml"
    return set(tomllib.loads(file.read_text())) if file.exists() else set()


KIT = wording.WEB / "kit"


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_every_sentence_of_a_door_has_its_english(door: Path) -> None:
    missing = said(door) - english_of(door) - english_of(KIT)
    assert not missing, f"{door.name}/wording/en.toml lacks {sorted(missing)}"


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_no_door_keeps_english_for_what_it_does_not_say(door: Path) -> None:
    spoken = set().union(*map(said, DOORS)) if door == KIT else said(door)
    stale = english_of(door) - spoken
    assert not stale, f"{door.name}/wording/en.toml still has {sorted(stale)}"


def test_english_uses_the_same_values_as_the_chinese() -> None:
    for sentence, words in wording.english().items():
        for english in words.values() if isinstance(words, dict) else [words]:
            assert set(BRACES.findall(english)) <= set(BRACES.findall(sentence)), sentence


def test_the_reader_of_templates_finds_what_is_said(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("{% if x %}{{ _('还剩 {count} 件', count=3) }}{% endif %}")
    (tmp_path / "door.py").write_text("title = mark('首页')\nother = wording._('分类')\n")
    assert said(tmp_path) == {"还剩 {count} 件", "首页", "分类"}


def test_one_and_many_differ_in_english() -> None:
    assert wording.in_language("en", "{count} 天前", count=1) == "1 day ago"
    assert wording.in_language("en", "{count} 天前", count=3) == "3 days ago"
    assert wording.in_language("zh", "{count} 天前", count=3) == "3 天前"


@pytest.mark.parametrize(
    "cookie,accepted,expected",
    [
        ("", "", "zh"),
        ("", "en-US,en;q=0.9", "en"),
        ("", "fr,en;q=0.3,zh-CN;q=0.8", "zh"),
        ("", "de-DE", "zh"),
        ("", "en;q=nonsense, zh", "zh"),
        ("language=zh", "en", "zh"),
        ("theme=dark; language=en", "zh-CN", "en"),
        ("other_language=en", "zh-CN", "zh"),
    ],
)
def test_a_choice_wins_over_the_browser_and_chinese_over_nothing(
    cookie: str, accepted: str, expected: str
) -> None:
    assert wording.pick(cookie, accepted) == expected


def test_the_language_of_a_request_is_heard_until_the_next_one() -> None:
    english: Scope = {"type": "http", "headers": [(b"accept-language", b"en")]}
    wording.listen(english)
    assert wording.language() == "en"
    wording.listen({"type": "http", "headers": []})
    assert wording.language() == "zh"


def test_a_refused_field_is_named_with_its_reason() -> None:
    error = BadInput("phone", "missing")
    assert wording.refusal_sentence(error, "zh") == "手机号：请填写"
    assert wording.refusal_sentence(error, "en") == "Mobile number: please fill this in"


def test_a_refusal_without_words_of_its_own_still_says_that_nothing_changed() -> None:
    class Unheard(Refusal):
        """Nobody has written a sentence for this."""

    assert wording.refusal_sentence(Unheard(sku="x"), "en") == wording.refusals()["refusal"]["en"]
    assert "您要找的" in wording.refusal_sentence(NotFound(), "zh")


def test_every_refusal_speaks_both_languages_with_the_same_values() -> None:
    for code, words in wording.refusals().items():
        assert words["zh"].strip(), code
        assert words["en"].strip(), code
        assert set(BRACES.findall(words["en"])) == set(BRACES.findall(words["zh"])), code
