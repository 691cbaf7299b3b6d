"""A row of the ledger, opened: what it says, how it was worked out, and the seal over both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from headwater.base.errors import NotFound
from headwater.increment import experiments, ledger
from headwater.increment.books import books
from headwater.increment.ledger import Reading
from headwater.web.console.desk import named, show
from headwater.web.console.increment.experiments import READ, interval, ledger_of
from headwater.web.kit.building import Building
from headwater.web.kit.doors import Door, Staff
from headwater.web.kit.wording import _, mark

door = Door()

_ADJUSTED = {
    "lin": mark(
        "启动前把会员随机分成两组；用启动前的消费（近 4 周、5–13 周、14–26 周和活跃周数）在各组内"
        "分别拟合，再把两组移到同样的起点比较（Lin 2013）。"
    ),
    "cuped": mark(
        "启动前把会员随机分成两组；用启动前的消费扣掉两组本来就有的差别，再比较人均净销售（CUPED）。"
    ),
    "welch": mark("启动前把会员随机分成两组，直接比较观察期内的人均净销售。"),
}
_FORMULAS = {
    "lin": "Δ = (ȳ₁ − b₁ᵀ(x̄₁ − x̄)) − (ȳ₀ − b₀ᵀ(x̄₀ − x̄))",
    "cuped": "Δ = (ȳ₁ − ȳ₀) − θ(x̄₁ − x̄₀),  θ = cov(y, x) / var(x)",
    "welch": "Δ = ȳ₁ − ȳ₀,  se² = s₁²/n₁ + s₀²/n₀",
}


@dataclass(frozen=True)
class Method:
    """How a figure was worked out: a sentence, another one, and the formula."""

    comparing: str
    doubting: str
    formula: str
    interval: str


@door.get("/console/experiments/{experiment_id}/readings/{place}", READ, name="console:reading")
async def reading(request: Request, building: Building, who: Staff) -> Response:
    """Show one row of the ledger: its raw numbers, its method, and the seal over both."""
    desk, question, history = await ledger_of(request, building, who)
    if question.kind == "wave":
        place = request.path_params["place"]
        return RedirectResponse(f"/console/waves/{question.id}/readings/{place}", 303)
    async with building.transaction(who.walls) as db:
        plan_row = await ledger.plan_of(db, question.id)
        totals = await ledger.totals_of(db, [question.id])
        of_guides = await books.latest(db, question.id)
        every = await experiments.of_brand(db, question.brand_id)
    rows = [*history, *totals, *(each for each in (of_guides, plan_row) if each)]
    asked = request.path_params["place"]
    row = next((each for each in rows if str(each.place) == asked), None)
    if row is None:
        raise NotFound
    around: dict[str, Any] = {
        "experiment": question, "row": row, "plan_row": plan_row, "named_as": named(question),
        "is_sealed": row.computed_hash() == row.hash,
    }  # fmt: skip
    if row.entry == "plan":
        return show(request, "increment/plan_row", desk, plan=row.details["plan"], **around)
    if row.entry == "guides":
        return show(request, "increment/guides_row", desk, guards=row.details["guards"],
                    details=row.details, **around)  # fmt: skip
    return show(request, "increment/row", desk, details=row.details, method=method_of(row),
                guards=row.details["guards"], sums=row.details.get("sums"),
                names={each.code: named(each) for each in every},
                estimates=_estimates(row.details), interval=interval(question, row),
                **around)  # fmt: skip


def method_of(row: Reading) -> Method:
    """Say a method in two sentences and two formulas."""
    said = row.method.lower()
    kind = next((each for each in ("lin", "cuped") if each in said), "welch")
    boundary = row.details.get("boundary")
    if boundary is None:
        return Method(
            _(_ADJUSTED[kind]),
            _("条的宽度是 95% 置信区间：同样的做法重复一百次，约九十五次会盖住真实值；"
              "跨过零就不能说有增量。"),
            _FORMULAS[kind],
            "Δ ± t₀.₉₇₅ · se",
        )  # fmt: skip
    return Method(
        _(_ADJUSTED[kind]),
        _("多次查看会多出假阳性，所以每次计划内的查看都用更宽的界限；各次查看之间的相关由数据估计，"
          "所有查看合起来错报的机会不超过 5%。"),
        _FORMULAS[kind],
        f"Δ ± {float(boundary):.3f} · se",
    )  # fmt: skip


def _estimates(details: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """The same comparison as it counts, as one look would have it, and without adjustment."""
    named_as = (
        ("per_member", _("作数的：调整后，计入多次查看")),
        ("one_look_per_member", _("调整后，当作只看一次")),
        ("raw_per_member", _("原始差值，不调整")),
    )
    return [(words, details[key]) for key, words in named_as if details.get(key)]
