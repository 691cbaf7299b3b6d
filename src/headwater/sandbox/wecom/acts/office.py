"""What an administrator does in WeCom's console: hires, lets go, tags, sets the cap."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from headwater.sandbox.wecom.acts.shown import ActsBase
from headwater.sandbox.wecom.company.staff import Department, Member
from headwater.sandbox.wecom.contacts.broadcasts import Cap
from headwater.sandbox.wecom.corp import CannotDo


class OfficeActs(ActsBase):
    """Acts of the company."""

    def staff(self) -> list[Member]:
        """Everybody who works there."""
        return self._desk.corp.staff.everybody()

    def member(self, userid: str) -> Member:
        """One who works there."""
        member = self._desk.corp.staff.find(userid)
        if member is None or member.resigned_at is not None:
            raise CannotDo("there is no such member")
        return member

    def hire(self, userid: str, name: str, department: int, now: datetime) -> Member:
        """Somebody new."""
        known = self._desk.corp.staff.find(userid)
        if known is not None and known.resigned_at is None:
            raise CannotDo("this userid is taken")
        if not self._desk.corp.staff.knows_department(department):
            raise CannotDo("there is no such department")
        return self._desk.corp.staff.hire(userid, name, department, now)

    def settle_member(self, userid: str, **changes: Any) -> Member:
        """Set what the console lets one set: skips_verify, greets, most_customers."""
        return self._desk.corp.staff.change(self.member(userid), **changes)

    def resign(self, userid: str, now: datetime) -> None:
        """Somebody leaves; customers and groups wait to be handed on."""
        self._desk.corp.staff.change(self.member(userid), resigned_at=now)
        self._desk.groups.lose_owner(userid)

    def found_department(self, name: str, parent_id: int) -> Department:
        """A new department, a store for instance."""
        return self._desk.corp.staff.found_department(name, parent_id)

    def add_tags(self, group_name: str, names: list[str], now: datetime) -> None:
        """New tags, made by hand; the merchant hears of each."""
        self._desk.tags.add(group_name, names, now)

    def set_cap(self, cap: Cap) -> None:
        """How often a customer may be reached: days of the month, 7 a week, or 1 a day."""
        self._desk.broadcasts.cap = cap
