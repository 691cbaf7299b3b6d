"""Questions put to a few hundred members, of whom some buy more, for the tests of readings."""

from __future__ import annotations

from uuid import UUID

import numpy as np
from tests import make_audience as make
from tests.make_audience import Place, day

from headwater.base.db import Db
from headwater.increment import arms, experiments
from headwater.increment.assignment import arm_of
from headwater.increment.experiments import Experiment, Question

LAUNCH, MIDDLE, END = day(0), day(10), day(29)


async def asked(
    db: Db, where: Place, members: list[UUID], share: float = 0.4, code: str = "recall"
) -> Experiment:
    question = Question("campaign", where.brand_id, code, "召回", "Recall", share, 28)
    experiment = await experiments.launch(db, question, LAUNCH)
    await arms.assign(db, experiment.id, members, LAUNCH)
    return await experiments.get(db, experiment.id)


async def bought(
    db: Db, where: Place, experiment: Experiment, members: list[UUID], more_fen: int
) -> None:
    """Let everybody buy as before, and the treated for so much more."""
    random = np.random.default_rng(11)
    sold = []
    for member in members:
        habit = int(random.integers(5_000, 15_000))
        arm = arm_of(experiment.salt, member, float(experiment.holdout_share))
        sold.append((member, habit, day(-20)))
        extra = more_fen if arm == "treated" else 0
        sold.append((member, habit + extra + int(random.integers(0, 500)), day(5)))
    await make.orders(db, where, sold)
