"""The back office: the books, what waits for a person, and the work before the workers."""

from headwater.web.console.system import jobs, overview

__all__ = ["jobs", "overview"]
