"""What stands around every page of the workbench, and the store in which somebody works."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from headwater.base.errors import NotPermitted
from headwater.web.kit.doors import Staff
from headwater.web.kit.pages import render


def store_of(staff: Staff) -> UUID:
    """Give the store in which somebody works, or the one store they were granted."""
    if staff.member.store_id is not None:
        return staff.member.store_id
    if not staff.walls.store_ids:
        raise NotPermitted(permission=staff.permission)
    return staff.walls.store_ids[0]


def show(
    request: Request,
    name: str,
    staff: Staff,
    *,
    block: str | tuple[str, ...] = (),
    status: int = 200,
    **context: Any,
) -> Response:
    """Answer with a page of the workbench."""
    template = f"guide/{name}.html"
    may_check = staff.member.may("exits.check")
    return render(
        request, template, block=block, status=status, me=staff.member, may_check=may_check,
        **context,
    )  # fmt: skip
