"""COS says no in XML, with its own codes."""

from __future__ import annotations

from xml.sax.saxutils import escape


class CosError(Exception):
    """A refusal with the status, code and message of the platform."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status = status
        self.code = code
        self.message = message
        super().__init__(f"{code} {message}")

    def body(self, resource: str, request_id: str) -> bytes:
        """The refusal as the wire carries it."""
        rows = {
            "Code": self.code,
            "Message": self.message,
            "Resource": resource,
            "RequestId": request_id,
        }
        inside = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in rows.items())
        return f"<?xml version='1.0' encoding='utf-8' ?><Error>{inside}</Error>".encode()


def denied(message: str) -> CosError:
    """Not allowed, for a reason that has no code of its own."""
    return CosError(403, "AccessDenied", message)


def mismatch() -> CosError:
    """The signature was made with another key or over something else."""
    return CosError(
        403,
        "SignatureDoesNotMatch",
        "The Signature you specified is invalid.",
    )


def no_key() -> CosError:
    """Nothing lies under this name."""
    return CosError(404, "NoSuchKey", "The specified key does not exist.")
