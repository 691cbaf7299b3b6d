"""Customers handed to another member: a day to refuse, then it happens by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from headwater.sandbox.credentials import letters
from headwater.sandbox.people import Message, Person
from headwater.sandbox.shelf import Shelf
from headwater.sandbox.wecom.api import (
    Answer,
    Api,
    Call,
    at_most,
    contact_api,
    few,
    page,
    stamp,
)
from headwater.sandbox.wecom.contacts.relations import BY_TRANSFER, Relation, Relations
from headwater.sandbox.wecom.corp import CannotDo, Corp
from headwater.sandbox.wecom.errors import WecomError
from headwater.sandbox.wecom.limits import LIMITS, within

WAIT = timedelta(hours=24)
MOST_CUSTOMERS = 100
LONGEST_WORDS = 200
A_YEAR = timedelta(days=365)
USUAL_WORDS = "您好，您的服务已升级，后续将由我的同事接替我的工作，继续为您服务。"
STATUS = {"done": 1, "waiting": 2, "refused": 3, "full": 4}


@dataclass(frozen=True)
class Transfer:
    """One customer on the way from one member to another."""

    id: str
    handover: str
    takeover: str
    person_id: str
    asked_at: datetime
    due_at: datetime
    has_resigned: bool
    words: str = ""
    state: str = "waiting"
    settled_at: datetime | None = None


class HandOver(msgspec.Struct):
    handover_userid: str = ""
    takeover_userid: str = ""
    external_userid: list[str] = []
    transfer_success_msg: str = ""


class Result(msgspec.Struct):
    handover_userid: str = ""
    takeover_userid: str = ""
    cursor: str = ""


class Unassigned(msgspec.Struct):
    page_id: int = 0
    page_size: int = 1_000
    cursor: str = ""


class Transfers:
    """All transfers, of members at work and of those who left."""

    def __init__(self, corp: Corp, relations: Relations) -> None:
        self._corp = corp
        self._relations = relations
        self._rows = Shelf(corp.ground.journal, "wecom_transfer", Transfer, lambda one: one.id)
        self._open = {one.id for one in self._rows.everything() if one.state == "waiting"}

    def apis(self) -> list[Api]:
        """Customers handed over, and what came of it."""
        return [
            contact_api("transfer_customer", self._at_work),
            contact_api("transfer_result", self._result_at_work),
            contact_api("resigned/transfer_customer", self._resigned),
            contact_api("resigned/transfer_result", self._result_resigned),
            contact_api("get_unassigned_list", self._unassigned),
        ]

    def waiting_for(self, person: Person) -> list[Transfer]:
        """What a customer may still refuse."""
        found = [self._rows.rows[one] for one in sorted(self._open)]
        return [one for one in found if one.person_id == person.id]

    def refuse(self, person: Person, transfer_id: str, now: datetime) -> Transfer:
        """The customer would rather not."""
        transfer = self._rows.get(transfer_id)
        if transfer is None or transfer.person_id != person.id or transfer.state != "waiting":
            raise CannotDo("there is no such transfer")
        self._announce_failure(transfer, "customer_refused", now)
        return self._settle(transfer, "refused", now)

    def settle_due(self, now: datetime) -> None:
        """Every transfer that was not refused in time happens."""
        for number in sorted(self._open):
            transfer = self._rows.rows[number]
            if transfer.due_at <= now:
                self._take_over(transfer, now)

    def _take_over(self, transfer: Transfer, now: datetime) -> None:
        taker = self._corp.staff.find(transfer.takeover)
        assert taker is not None
        person = self._corp.ground.people.get(transfer.person_id)
        if len(self._relations.listed(taker.userid)) >= taker.most_customers:
            self._announce_failure(transfer, "customer_limit_exceed", now)
            self._settle(transfer, "full", now)
            return
        self._settle(transfer, "done", now)
        self._end(transfer, person, now)
        known = self._relations.find(taker.userid, person)
        if known is not None and known.standing == "friend":
            return
        had_before = self._was_handed_on(transfer)
        relation = self._relations.save(
            Relation(
                transfer.takeover,
                person.id,
                now,
                "friend",
                add_way=BY_TRANSFER,
                oper_userid=transfer.handover,
            )
        )
        if not had_before:
            self._relations.announce(relation, "add_external_contact", now)
        words = transfer.words or USUAL_WORDS
        self._relations.tell(relation, [Message("text", words, (), None, now)], now)

    def _end(self, transfer: Transfer, person: Person, now: datetime) -> None:
        before = self._relations.find(transfer.handover, person)
        if before is None:
            return
        self._relations.save(before, standing="ended")
        if not transfer.has_resigned:
            self._relations.announce(
                before, "del_external_contact", now, Source="DELETE_BY_TRANSFER"
            )

    def _was_handed_on(self, transfer: Transfer) -> bool:
        """Whether this customer was once the taker's: then the platform tells nobody."""
        return any(
            one.state == "done"
            and one.person_id == transfer.person_id
            and one.handover == transfer.takeover
            for one in self._rows.everything()
        )

    def _announce_failure(self, transfer: Transfer, why: str, now: datetime) -> None:
        person = self._corp.ground.people.get(transfer.person_id)
        fields = {
            "Event": "change_external_contact",
            "ChangeType": "transfer_fail",
            "FailReason": why,
            "UserID": transfer.takeover,
            "ExternalUserID": self._corp.ground.people.external_userid(person),
        }
        self._corp.callbacks.announce(fields, now)

    def _settle(self, transfer: Transfer, state: str, now: datetime) -> Transfer:
        self._open.discard(transfer.id)
        return self._rows.put(replace(transfer, state=state, settled_at=now))

    def _at_work(self, call: Call) -> Answer:
        asked = call.read(HandOver)
        at_most(asked.transfer_success_msg, LONGEST_WORDS, "transfer_success_msg")
        self._corp.staff.get(asked.handover_userid)
        return self._ask(asked, call.now, has_resigned=False)

    def _resigned(self, call: Call) -> Answer:
        asked = call.read(HandOver)
        member = self._corp.staff.find(asked.handover_userid)
        if member is None:
            raise WecomError(40003)
        if member.resigned_at is None:
            raise WecomError(40097)
        if call.now - member.resigned_at > A_YEAR:
            raise WecomError(40003, "resigned more than a year ago")
        return self._ask(asked, call.now, has_resigned=True)

    def _ask(self, asked: HandOver, now: datetime, has_resigned: bool) -> Answer:
        if not asked.external_userid:
            raise WecomError(41035)
        few(asked.external_userid, MOST_CUSTOMERS, "external_userid")
        self._corp.staff.get(asked.takeover_userid)
        if asked.handover_userid == asked.takeover_userid:
            raise WecomError(40130)
        answers: list[dict[str, Any]] = []
        for external_userid in asked.external_userid:
            try:
                self._ask_one(asked, external_userid, now, has_resigned)
                errcode = 0
            except WecomError as error:
                errcode = error.errcode
            answers.append({"external_userid": external_userid, "errcode": errcode})
        return {"customer": answers}

    def _ask_one(
        self, asked: HandOver, external_userid: str, now: datetime, has_resigned: bool
    ) -> None:
        person = self._relations.behind(external_userid)
        relation = self._relations.find(asked.handover_userid, person)
        if relation is None or not relation.is_listed:
            raise WecomError(40096)
        if self.waiting_for(person):
            raise WecomError(40129)
        before = [
            one.asked_at
            for one in self._rows.everything()
            if one.person_id == person.id and one.state == "done" and not one.has_resigned
        ]
        most = LIMITS["transfers_in_90_days"].most
        if not has_resigned and within(before, "transfers_in_90_days", now) >= most:
            raise WecomError(40128)
        number = f"{len(self._rows):06d}" + letters(
            self._corp.ground.seed, 10, "transfer", len(self._rows)
        )
        due_at = now + WAIT / self._corp.ground.speed
        self._rows.put(
            Transfer(
                number,
                asked.handover_userid,
                asked.takeover_userid,
                person.id,
                now,
                due_at,
                has_resigned,
                asked.transfer_success_msg,
            )
        )
        self._open.add(number)

    def _result_at_work(self, call: Call) -> Answer:
        return self._results(call, has_resigned=False)

    def _result_resigned(self, call: Call) -> Answer:
        return self._results(call, has_resigned=True)

    def _results(self, call: Call, has_resigned: bool) -> Answer:
        asked = call.read(Result)
        if not asked.handover_userid or not asked.takeover_userid:
            raise WecomError(41009)
        self.settle_due(call.now)
        latest: dict[str, Transfer] = {}
        for one in self._rows.everything():
            pair = (one.handover, one.takeover)
            is_asked = pair == (asked.handover_userid, asked.takeover_userid)
            if is_asked and one.has_resigned == has_resigned:
                latest[one.person_id] = one
        rows, cursor = page(list(latest.values()), asked.cursor, 1_000)
        return {"customer": [self._shown(one) for one in rows], "next_cursor": cursor}

    def _shown(self, transfer: Transfer) -> dict[str, Any]:
        person = self._corp.ground.people.get(transfer.person_id)
        moments = {"done": transfer.settled_at, "waiting": transfer.due_at}
        return {
            "external_userid": self._corp.ground.people.external_userid(person),
            "status": STATUS[transfer.state],
            "takeover_time": stamp(moments.get(transfer.state)),
        }

    def _unassigned(self, call: Call) -> Answer:
        asked = call.read(Unassigned)
        found = [
            {
                "handover_userid": member.userid,
                "external_userid": self._relations.external(one),
                "dimission_time": stamp(member.resigned_at),
            }
            for member in self._corp.staff.resigned()
            for one in self._relations.listed(member.userid)
        ]
        if not 1 <= asked.page_size <= 1_000:
            raise WecomError(40058, "page_size must be between 1 and 1000")
        # The older way of paging is by number; where both are given, the cursor counts.
        behind = found if asked.cursor else found[asked.page_id * asked.page_size :]
        rows, cursor = page(behind, asked.cursor, asked.page_size)
        return {"info": rows, "is_last": not cursor, "next_cursor": cursor}
