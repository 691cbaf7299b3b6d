"""Conditions: the small vocabulary in which a segment's rule is written, and read aloud."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from headwater.base.errors import BadInput
from headwater.base.money import yuan
from headwater.base.text import Text

DEEP_MOST: Final = 5
CONDITIONS_MOST: Final = 20
DAYS_MOST: Final = 3660


@dataclass(frozen=True)
class Condition:
    """One thing that is true of a member or not; only the fields of its kind are filled."""

    kind: str
    days: int = 0
    least: int = 0
    code: str = ""


@dataclass(frozen=True)
class Group:
    """Several conditions: all of them, any of them, or the one that must not hold."""

    how: str
    parts: tuple[Rule, ...]


Rule = Condition | Group

# What each kind needs, and how it is said.
FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "lapsed": ("days",),
    "bought": ("code", "days"),
    "spent": ("least", "days"),
    "ordered": ("least", "days"),
    "home_store": ("code",),
    "home_region": ("code",),
    "level": ("code",),
    "allows": ("code",),
    "joined": ("days",),
}

_SAID: Final[dict[str, Text]] = {
    "lapsed": Text(
        "{days} 天没有购买（以前买过）", "has not bought for {days} days, but did before"
    ),
    "bought": Text("{days} 天内买过{name}", "bought {name} within {days} days"),
    "spent": Text("{days} 天内消费满 {money}", "spent at least {money} within {days} days"),
    "ordered": Text(
        "{days} 天内至少 {least} 单", "ordered at least {least} times within {days} days"
    ),
    "home_store": Text("归属门店为{name}", "is at home in {name}"),
    "home_region": Text("归属大区为{name}", "is at home in the region {name}"),
    "level": Text("会员等级为{name}", "has the level {name}"),
    "allows": Text("授权了{name}营销消息", "allows marketing by {name}"),
    "joined": Text("{days} 天内入会", "joined within {days} days"),
}
_JOINED: Final = {"all": Text("，并且", " and "), "any": Text("，或者", " or ")}
_CHANNELS: Final = {
    "official_account": Text("服务号", "official account"),
    "sms": Text("短信", "text message"),
    "wecom": Text("企业微信", "WeCom"),
}


def parse(tree: Any) -> Rule:
    """Read a rule from its JSON tree; whatever is wrong is named by its place in the tree."""
    rule = _parse(tree, "rule", 1)
    if len(conditions(rule)) > CONDITIONS_MOST:
        raise BadInput("rule", f"holds more than {CONDITIONS_MOST} conditions")
    return rule


def to_tree(rule: Rule) -> dict[str, Any]:
    """Write a rule as the JSON tree from which it can be read again."""
    if isinstance(rule, Condition):
        return {"is": rule.kind} | {name: getattr(rule, name) for name in FIELDS[rule.kind]}
    if rule.how == "not":
        return {"not": to_tree(rule.parts[0])}
    return {rule.how: [to_tree(part) for part in rule.parts]}


def conditions(rule: Rule) -> list[Condition]:
    """List the conditions of a rule, in its order."""
    if isinstance(rule, Condition):
        return [rule]
    return [each for part in rule.parts for each in conditions(part)]


def describe(rule: Rule, language: str, names: Mapping[str, Text] | None = None) -> str:
    """Say a rule in words; `names` turns codes into what people call them."""
    if isinstance(rule, Condition):
        name = {**_CHANNELS, **(names or {})}.get(rule.code, Text(rule.code, rule.code))
        return (
            _SAID[rule.kind]
            .said_in(language)
            .format(
                days=rule.days,
                least=rule.least,
                money=yuan(rule.least),
                name=name.said_in(language),
            )
        )
    if rule.how == "not":
        inner = describe(rule.parts[0], language, names)
        return f"not ({inner})" if language == "en" else f"不是（{inner}）"
    said = [
        describe(part, language, names)
        if isinstance(part, Condition) or part.how == "not"
        else _bracketed(describe(part, language, names), language)
        for part in rule.parts
    ]
    return _JOINED[rule.how].said_in(language).join(said)


def _bracketed(said: str, language: str) -> str:
    return f"({said})" if language == "en" else f"（{said}）"


def _parse(tree: Any, place: str, depth: int) -> Rule:
    if not isinstance(tree, Mapping):
        raise BadInput(place, "must be an object with is, all, any or not")
    if depth > DEEP_MOST:
        raise BadInput(place, f"lies deeper than {DEEP_MOST} levels")
    if "is" in tree:
        return _condition(tree, place)
    if len(tree) != 1 or next(iter(tree)) not in ("all", "any", "not"):
        raise BadInput(place, "must have exactly one of is, all, any, not")
    how, inner = next(iter(tree.items()))
    if how == "not":
        return Group("not", (_parse(inner, f"{place}.not", depth + 1),))
    if not isinstance(inner, Sequence) or isinstance(inner, str) or not inner:
        raise BadInput(f"{place}.{how}", "must be a list with at least one entry")
    return Group(
        how,
        tuple(
            _parse(part, f"{place}.{how}[{number}]", depth + 1) for number, part in enumerate(inner)
        ),
    )


def _condition(tree: Mapping[str, Any], place: str) -> Condition:
    kind = tree["is"]
    if not isinstance(kind, str) or kind not in FIELDS:
        raise BadInput(f"{place}.is", f"must be one of {', '.join(FIELDS)}")
    unknown = tree.keys() - {"is", *FIELDS[kind]}
    if unknown:
        raise BadInput(f"{place}.{min(unknown)}", f"does not belong to {kind}")
    values: dict[str, Any] = {}
    for name in FIELDS[kind]:
        value = tree.get(name)
        if name == "code":
            if not isinstance(value, str) or not value.strip():
                raise BadInput(f"{place}.code", "must not be empty")
            values[name] = value.strip()
            continue
        most = DAYS_MOST if name == "days" else 10**12
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            raise BadInput(f"{place}.{name}", f"must be a whole number from 1 to {most}")
        values[name] = value
    return Condition(kind, **values)
