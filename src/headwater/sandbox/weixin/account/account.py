"""The service account as a whole: its subjects, and the addresses of its API."""

from __future__ import annotations

from datetime import datetime

from starlette.routing import Route

from headwater.sandbox.hosts import Ground
from headwater.sandbox.weixin.account.drafts import Drafts
from headwater.sandbox.weixin.account.mass import Mass, Subjects
from headwater.sandbox.weixin.account.menus import Menus
from headwater.sandbox.weixin.account.publishing import Publishing
from headwater.sandbox.weixin.account.qrcodes import Codes
from headwater.sandbox.weixin.account.tags import Tags
from headwater.sandbox.weixin.account.templates import Templates
from headwater.sandbox.weixin.account.users import Followers
from headwater.sandbox.weixin.apps import OFFICIAL_ACCOUNT, App
from headwater.sandbox.weixin.calls import Door, Verb
from headwater.sandbox.weixin.limits import Meters
from headwater.sandbox.weixin.media import Media
from headwater.sandbox.weixin.pushes.queue import Pushes


class Account:
    """Everything that only a service account has."""

    def __init__(
        self, ground: Ground, app: App, pushes: Pushes, media: Media, meters: Meters
    ) -> None:
        self.app = app
        template_ids = ground.credentials[OFFICIAL_ACCOUNT]["template_ids"]
        self.followers = Followers(ground, app)
        self.tags = Tags(ground, self.followers)
        self.menus = Menus(ground, self.followers, self.tags)
        self.codes = Codes(ground)
        self.templates = Templates(template_ids, ground.people, self.followers, pushes, meters)
        self.drafts = Drafts(ground, app, media)
        self.publishing = Publishing(ground, app, self.drafts, pushes)
        subjects = Subjects(self.followers, self.tags, self.drafts, self.publishing, media)
        self.mass = Mass(ground, subjects, pushes, meters)

    def finish_due(self, now: datetime) -> None:
        """Do what was asked for a moment ago."""
        self.mass.finish_due(now)
        self.publishing.finish_due(now)

    def routes(self, door: Door) -> list[Route]:
        """The account's API."""
        found = [
            door.api(method, f"/cgi-bin/{path}", verb, OFFICIAL_ACCOUNT)
            for method, path, verb in (*self._verbs(), *self._letters())
        ]
        return [*found, door.free("GET", "/cgi-bin/showqrcode", self.codes.picture)]

    def _verbs(self) -> list[tuple[str, str, Verb]]:
        users, tags, menus = self.followers, self.tags, self.menus
        return [
            ("GET", "user/info", users.info),
            ("POST", "user/info/batchget", users.batch),
            ("POST", "user/info/updateremark", users.set_remark),
            ("GET", "user/get", users.page),
            ("POST", "user/tag/get", tags.members),
            ("POST", "tags/create", tags.create),
            ("GET", "tags/get", tags.everything),
            ("POST", "tags/update", tags.rename),
            ("POST", "tags/delete", tags.delete),
            ("POST", "tags/members/batchtagging", tags.put_on),
            ("POST", "tags/members/batchuntagging", tags.take_off),
            ("POST", "tags/getidlist", tags.of_user),
            ("POST", "menu/create", menus.create),
            ("GET", "menu/get", menus.everything),
            ("GET", "menu/delete", menus.delete),
            ("GET", "get_current_selfmenu_info", menus.current),
            ("POST", "menu/addconditional", menus.add_variant),
            ("POST", "menu/delconditional", menus.delete_variant),
            ("POST", "menu/trymatch", menus.try_match),
            ("POST", "qrcode/create", self.codes.create),
            ("POST", "message/template/send", self.templates.send),
            ("GET", "template/get_all_private_template", self.templates.everything),
        ]

    def _letters(self) -> list[tuple[str, str, Verb]]:
        mass, drafts, publishing = self.mass, self.drafts, self.publishing
        return [
            ("POST", "message/mass/sendall", mass.send_all),
            ("POST", "message/mass/send", mass.send),
            ("POST", "message/mass/preview", mass.preview),
            ("POST", "message/mass/get", mass.status),
            ("POST", "message/mass/delete", mass.delete),
            ("POST", "draft/add", drafts.add),
            ("POST", "draft/get", drafts.get),
            ("POST", "draft/update", drafts.update),
            ("POST", "draft/delete", drafts.delete),
            ("GET", "draft/count", drafts.count),
            ("POST", "draft/batchget", drafts.page),
            ("POST", "freepublish/submit", publishing.submit),
            ("POST", "freepublish/get", publishing.job),
            ("POST", "freepublish/getarticle", publishing.get),
            ("POST", "freepublish/delete", publishing.delete),
            ("POST", "freepublish/batchget", publishing.page),
        ]
