"""The company's members and departments: who they are, what they were sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from headwater.sandbox.hosts import Ground
from headwater.sandbox.shelf import Shelf
from headwater.sandbox.wecom.api import Answer, Api, Call, checked_limit, page
from headwater.sandbox.wecom.errors import WecomError

ROOT = 1
MOST_CUSTOMERS = 5_000
CODE_PATH = "/u/"


@dataclass(frozen=True)
class Department:
    """A node of the company's tree."""

    id: int
    name: str
    parent_id: int = ROOT


@dataclass(frozen=True)
class Member:
    """Someone who works there; `skips_verify` lets customers add them without being asked."""

    userid: str
    name: str
    mobile: str
    department: int
    hired_at: datetime
    code: str
    skips_verify: bool = False
    greets: bool = False
    """The console has a greeting for this member: then no event carries a welcome code."""
    most_customers: int = MOST_CUSTOMERS
    resigned_at: datetime | None = None


class ByMobile(msgspec.Struct):
    mobile: str = ""


class ListIds(msgspec.Struct):
    cursor: str = ""
    limit: int = 0


class Staff:
    """All members by userid; who has resigned is found only where that is asked for."""

    def __init__(self, ground: Ground) -> None:
        wecom = ground.credentials["wecom"]
        self._base_url = wecom["base_url"]
        self._members = Shelf(ground.journal, "wecom_member", Member, lambda one: one.userid)
        self._departments = Shelf(
            ground.journal, "wecom_department", Department, lambda one: str(one.id)
        )
        if not self._departments.rows:
            for department in wecom["departments"]:
                self._departments.put(Department(**department))
            for member in wecom["staff"]:
                self.hire(member["userid"], member["name"], member["department"], ground.now())

    def apis(self) -> list[Api]:
        """Reading members and departments; any token may."""
        return [
            Api("/cgi-bin/user/get", "GET", "any", self._get),
            Api("/cgi-bin/user/list", "GET", "any", self._list),
            Api("/cgi-bin/user/simplelist", "GET", "any", self._list_simply),
            Api("/cgi-bin/user/getuserid", "POST", "any", self._by_mobile),
            Api("/cgi-bin/user/list_id", "POST", "any", self._list_ids),
            Api("/cgi-bin/department/list", "GET", "any", self._list_departments),
            Api("/cgi-bin/department/simplelist", "GET", "any", self._list_departments_simply),
            Api("/cgi-bin/externalcontact/get_follow_user_list", "GET", "contacts", self._follow),
        ]

    def everybody(self) -> list[Member]:
        """Everybody who works there now."""
        return [one for one in self._members.everything() if one.resigned_at is None]

    def resigned(self) -> list[Member]:
        """Everybody who has left."""
        return [one for one in self._members.everything() if one.resigned_at is not None]

    def find(self, userid: str) -> Member | None:
        """A member, at work or resigned."""
        return self._members.get(userid)

    def get(self, userid: str, errcode: int = 40003) -> Member:
        """A member who works there, or the platform's refusal."""
        member = self._members.get(userid)
        if member is None or member.resigned_at is not None:
            raise WecomError(errcode)
        return member

    def behind(self, code: str) -> Member | None:
        """The member whose own code this is."""
        return next((one for one in self.everybody() if one.code == code), None)

    def within(self, department: int) -> list[Member]:
        """Everybody in a department and in those under it."""
        ids = self._below(department)
        return [one for one in self.everybody() if one.department in ids]

    def knows_department(self, department: int) -> bool:
        """Whether there is such a department."""
        return str(department) in self._departments.rows

    def hire(self, userid: str, name: str, department: int, now: datetime) -> Member:
        """Somebody new, or somebody who comes back."""
        number = len(self._members.rows) + 13_900_001
        code = self._base_url + CODE_PATH + userid
        member = Member(userid, name, f"139{number:08d}", department, now, code)
        return self._members.put(member)

    def change(self, member: Member, **changes: Any) -> Member:
        """The member with something else about them."""
        return self._members.put(replace(member, **changes))

    def found_department(self, name: str, parent_id: int) -> Department:
        """A new department."""
        number = max(one.id for one in self._departments.everything()) + 1
        return self._departments.put(Department(number, name, parent_id))

    def _below(self, department: int) -> set[int]:
        found, grown = {department}, True
        while grown:
            more = {one.id for one in self._departments.everything() if one.parent_id in found}
            grown = not more <= found
            found |= more
        return found

    def _get(self, call: Call) -> Answer:
        return _shown(self.get(call.needs("userid", 41009), 60111))

    def _list(self, call: Call) -> Answer:
        return {"userlist": [_shown(one) for one in self._asked(call)]}

    def _list_simply(self, call: Call) -> Answer:
        return {
            "userlist": [
                {"userid": one.userid, "name": one.name, "department": [one.department]}
                for one in self._asked(call)
            ]
        }

    def _asked(self, call: Call) -> list[Member]:
        text = call.needs("department_id", 60123)
        if not text.isdecimal() or not self.knows_department(int(text)):
            raise WecomError(60123)
        if call.query.get("fetch_child") == "1":
            return self.within(int(text))
        return [one for one in self.everybody() if one.department == int(text)]

    def _list_ids(self, call: Call) -> Answer:
        asked = call.read(ListIds)
        limit = checked_limit(asked.limit, 10_000, 10_000)
        found, cursor = page(self.everybody(), asked.cursor, limit)
        rows = [{"userid": one.userid, "department": one.department} for one in found]
        return {"next_cursor": cursor, "dept_user": rows}

    def _by_mobile(self, call: Call) -> Answer:
        mobile = call.read(ByMobile).mobile
        if not mobile:
            raise WecomError(40063, "mobile")
        found = next((one for one in self.everybody() if one.mobile == mobile), None)
        if found is None:
            raise WecomError(46004)
        return {"userid": found.userid}

    def _list_departments(self, call: Call) -> Answer:
        rows = [
            {"id": one.id, "name": one.name, "parentid": _parent(one), "order": 100_000 - one.id}
            for one in self._departments.everything()
        ]
        return {"department": rows}

    def _list_departments_simply(self, call: Call) -> Answer:
        rows = [
            {"id": one.id, "parentid": _parent(one), "order": 100_000 - one.id}
            for one in self._departments.everything()
        ]
        return {"department_id": rows}

    def _follow(self, call: Call) -> Answer:
        return {"follow_user": [one.userid for one in self.everybody()]}


def _parent(department: Department) -> int:
    return 0 if department.id == ROOT else department.parent_id


def _shown(member: Member) -> dict[str, Any]:
    return {
        "userid": member.userid,
        "name": member.name,
        "department": [member.department],
        "main_department": member.department,
        "order": [0],
        "position": "导购",
        "is_leader_in_dept": [0],
        "direct_leader": [],
        "telephone": "",
        "alias": "",
        "status": 1,
        "extattr": {"attrs": []},
        "open_userid": "",
    }
