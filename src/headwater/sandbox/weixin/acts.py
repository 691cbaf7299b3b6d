"""What people do with the brand's apps: the phone calls these, the side doors too."""

from __future__ import annotations

from datetime import datetime

from headwater.sandbox.people import Person
from headwater.sandbox.weixin.account.acts import AccountActs
from headwater.sandbox.weixin.account.menu_rules import Button
from headwater.sandbox.weixin.account.publishing import Published
from headwater.sandbox.weixin.led import CannotAct, Led
from headwater.sandbox.weixin.program.acts import Card, ProgramActs, Visit
from headwater.sandbox.weixin.program.program import Program

__all__ = ["Acts", "Button", "CannotAct", "Card", "Led", "Published", "Visit"]


class Acts:
    """People's hands: `account` and `program` hold all, the usual ones stand here too."""

    def __init__(self, account: AccountActs, program: ProgramActs, of: Program) -> None:
        self.account = account
        self.program = program
        self._of = of
        self.follow, self.unfollow = account.follow, account.unfollow
        self.say, self.show = account.say, account.show
        self.menu, self.press = account.menu, account.press
        self.articles, self.open_article = account.articles, account.open_article
        self.login_code, self.phone_code = program.login_code, program.phone_code
        self.subscribe, self.accepted = program.subscribe, program.accepted
        self.share, self.open_link = program.share, program.open_link
        self.open_program = program.open

    def scan(self, person: Person, code: str, now: datetime) -> Led:
        """Any code held before the camera: the account's, the program's, or an address."""
        code = code.strip()
        found = self.account.code(code, now)
        if found is not None:
            return self.account.scan(person, found, now)
        target = self._of.codes.scanned(code)
        if target is not None:
            return Led("program", path=target.path, query=target.query)
        if self._of.links.knows(code):
            return self.program.open_link(person, code, now)
        if code.startswith(("http://", "https://")):
            return Led("page", url=code)
        return Led("nothing", words=code)
