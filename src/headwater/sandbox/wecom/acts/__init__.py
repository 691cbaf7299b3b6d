"""What people do in their WeCom and WeChat, as the simulated phones call it.

A customer's acts take the person first, a member's the userid; the moment comes last. What WeCom
would not let them do raises CannotDo. Other than API calls, acts are told to the merchant.
"""

from __future__ import annotations

from headwater.sandbox.wecom.acts.customers import CustomerActs
from headwater.sandbox.wecom.acts.members import MemberActs
from headwater.sandbox.wecom.acts.office import OfficeActs
from headwater.sandbox.wecom.acts.shown import Added, Friend, Seen, Task, Way

__all__ = ["Acts", "Added", "Friend", "Seen", "Task", "Way"]


class Acts(CustomerActs, MemberActs, OfficeActs):
    """Everything that people do, in one place."""
