"""What people do with the service account, as their phone would."""

from __future__ import annotations

from datetime import datetime

from headwater.sandbox.hosts import Ground
from headwater.sandbox.people import Message, Person
from headwater.sandbox.weixin.account.account import Account
from headwater.sandbox.weixin.account.menu_rules import Button
from headwater.sandbox.weixin.account.publishing import Published
from headwater.sandbox.weixin.account.qrcodes import Code
from headwater.sandbox.weixin.calls import Upload
from headwater.sandbox.weixin.led import CannotAct, Led
from headwater.sandbox.weixin.media import Media, image_type
from headwater.sandbox.weixin.pushes.queue import Pushes
from headwater.sandbox.weixin.speaking.windows import Windows

PRESSED = ("scancode_push", "pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select")


class AccountActs:
    """People's hands on the service account."""

    def __init__(
        self, ground: Ground, account: Account, pushes: Pushes, windows: Windows, media: Media
    ) -> None:
        self._people = ground.people
        self._account = account
        self._pushes = pushes
        self._windows = windows
        self._media = media

    def follow(self, person: Person, now: datetime, scene: str | None = None) -> Person:
        """The person follows, by a code with a scene or by searching; once is once."""
        person = self._people.get(person.id)
        if person.follows:
            return person
        return self._followed(person, None, scene, now)

    def unfollow(self, person: Person, now: datetime) -> Person:
        """The person leaves; nothing may be said any more."""
        person = self._people.get(person.id)
        if not person.follows:
            return person
        self._windows.shut(self._account.app, person)
        self._event(person, {"Event": "unsubscribe", "EventKey": ""}, now)
        return self._people.follow(person, follows=False)

    def say(self, person: Person, words: str, now: datetime) -> None:
        """The person writes to the account, which opens two days for five answers."""
        self._check_follows(person)
        self._people.deliver(person, Message("own", words, (), None, now))
        self._told(person, {"MsgType": "text", "Content": words}, now)

    def show(self, person: Person, image: bytes, now: datetime) -> str:
        """The person sends a picture; gives its media id."""
        self._check_follows(person)
        kind = image_type(image)
        if kind is None:
            raise CannotAct("这不是图片")
        app = self._account.app
        file = self._media.keep(app.appid, "image", Upload("photo", kind, image), now)
        own = Message("own_image", "[图片]", (), None, now, media_id=file.media_id)
        self._people.deliver(person, own)
        address = self._media.address(file)
        said = {"MsgType": "image", "PicUrl": address, "MediaId": file.media_id}
        self._told(person, said, now)
        return file.media_id

    def menu(self, person: Person) -> list[Button]:
        """The buttons under this person's chat."""
        is_shown = self._people.get(person.id).follows
        return self._account.menus.seen_by(person) if is_shown else []

    def press(self, person: Person, path: tuple[int, ...], now: datetime) -> Led:
        """A button of the menu by its place, below another one if there are two numbers."""
        self._check_follows(person)
        button = _button(self.menu(person), path)
        if button.type == "view":
            self._event(person, {"Event": "VIEW", "EventKey": button.url or ""}, now)
            return Led("page", url=button.url or "")
        if button.type == "miniprogram":
            said = {"Event": "view_miniprogram", "EventKey": button.pagepath or ""}
            self._event(person, said, now)
            route, _, query = (button.pagepath or "").partition("?")
            return Led("program", path=route, query=query)
        if button.type == "click":
            self._windows.open(self._account.app, person, "menu", now)
            self._event(person, {"Event": "CLICK", "EventKey": button.key or ""}, now)
            return Led("account")
        if button.type in PRESSED:
            self._event(person, {"Event": button.type, "EventKey": button.key or ""}, now)
        return Led("nothing")

    def articles(self) -> list[Published]:
        """What the account has published or sent, the latest last."""
        return self._account.publishing.everything()

    def open_article(self, person: Person, article_id: str, place: int = 1) -> Published:
        """The person reads an article."""
        found = self._account.publishing.read(article_id, place)
        if found is None:
            raise CannotAct("该内容已被发布者删除")
        return found

    def code(self, text: str, now: datetime) -> Code | None:
        """The account's own code behind what a camera read."""
        return self._account.codes.scanned(text, now)

    def scan(self, person: Person, code: Code, now: datetime) -> Led:
        """A code of the account: whoever does not follow yet does so by it."""
        person = self._people.get(person.id)
        if not person.follows:
            self._followed(person, code, None, now)
            return Led("account")
        self._windows.open(self._account.app, person, "scan", now)
        said = {"Event": "SCAN", "EventKey": str(code.scene), "Ticket": code.ticket}
        self._event(person, said, now)
        return Led("account")

    def _followed(
        self, person: Person, code: Code | None, scene: str | None, now: datetime
    ) -> Person:
        changed = self._people.follow(person, follows=True)
        shown = code.scene if code is not None else scene
        how = "ADD_SCENE_SEARCH" if shown is None else "ADD_SCENE_QR_CODE"
        self._account.followers.came(changed, now, how, shown)
        self._windows.open(self._account.app, changed, "follow", now)
        said = {"Event": "subscribe", "EventKey": "" if shown is None else f"qrscene_{shown}"}
        if code is not None:
            said["Ticket"] = code.ticket
        self._event(changed, said, now)
        return changed

    def _told(self, person: Person, said: dict[str, str], now: datetime) -> None:
        self._windows.open(self._account.app, person, "message", now)
        openid = self._account.followers.openid(person)
        self._pushes.message(self._account.app, openid, dict(said), now)

    def _event(self, person: Person, said: dict[str, str], now: datetime) -> None:
        openid = self._account.followers.openid(person)
        self._pushes.event(self._account.app, openid, dict(said), now)

    def _check_follows(self, person: Person) -> None:
        if not self._people.get(person.id).follows:
            raise CannotAct("尚未关注")


def _button(buttons: list[Button], path: tuple[int, ...]) -> Button:
    """The button at this place; a place that is not there is the caller's mistake."""
    button: Button | None = None
    for place in path:
        if not 0 <= place < len(buttons):
            raise CannotAct("没有这个菜单")
        button = buttons[place]
        buttons = button.sub_button or []
    if button is None:
        raise CannotAct("没有这个菜单")
    return button
