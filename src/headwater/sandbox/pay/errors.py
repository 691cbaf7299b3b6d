"""The pay host's refusals, in the platform's own codes and shape."""

from __future__ import annotations

from typing import Any


class PayError(Exception):
    """The pay host says no: a status, a code for programs, words for people."""

    def __init__(
        self, status: int, code: str, message: str, detail: dict[str, Any] | None = None
    ) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail
        super().__init__(f"{status} {code} {message}")

    @property
    def body(self) -> dict[str, Any]:
        """The answer as the wire carries it."""
        plain: dict[str, Any] = {"code": self.code, "message": self.message}
        return plain if self.detail is None else {**plain, "detail": self.detail}


def bad_parameter(field: str, issue: str, location: str = "body") -> PayError:
    """A field does not hold what it must hold."""
    detail = {"field": field, "issue": issue, "location": location}
    return PayError(400, "PARAM_ERROR", f"参数错误: {field}", detail)


def invalid_request(message: str) -> PayError:
    """The request is well formed and does not fit the state of things."""
    return PayError(400, "INVALID_REQUEST", message)
