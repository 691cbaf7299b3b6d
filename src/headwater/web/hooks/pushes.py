"""Pushes of the official account, the mini program and WeCom: believed, kept once, answered."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from headwater.base import jobs
from headwater.base.db import SYSTEM
from headwater.base.errors import Forged, NotFound
from headwater.connect import callbacks, heard, pushes
from headwater.connect.callbacks import CallbackKeys
from headwater.web.kit.building import Building
from headwater.web.kit.doors import MACHINE, Door
from headwater.web.kit.media.bodies import raw_body

T = TypeVar("T")
log = logging.getLogger(__name__)

door = Door()

# What the work is known by that is done after the answer.
JOB: Final = "connect.push"
# A welcome must leave within twenty seconds, so it overtakes whatever else waits.
_HEAD_START: Final = timedelta(hours=1)
_SUCCESS: Final = "success"


@door.get("/hooks/official-account", MACHINE, name="hooks:official_account_check")
async def check_official_account(request: Request, building: Building) -> Response:
    """Prove to the console that this address is ours."""
    return _proven(request, building, "official_account")


@door.post("/hooks/official-account", MACHINE, name="hooks:official_account")
async def official_account(request: Request, building: Building) -> Response:
    """Hear what followers do and say."""
    return await _heard(request, building, "official_account")


@door.get("/hooks/mini-program", MACHINE, name="hooks:mini_program_check")
async def check_mini_program(request: Request, building: Building) -> Response:
    """Prove to the console that this address is ours."""
    return _proven(request, building, "mini_program")


@door.post("/hooks/mini-program", MACHINE, name="hooks:mini_program")
async def mini_program(request: Request, building: Building) -> Response:
    """Hear of deliveries to confirm, of money settled, and of customers' words."""
    return await _heard(request, building, "mini_program")


@door.get("/hooks/wecom", MACHINE, name="hooks:wecom_check")
async def check_wecom(request: Request, building: Building) -> Response:
    """Prove to the console that this address is ours, by opening what only we can open."""
    given = request.query_params
    opened = _believed(
        request,
        building,
        "wecom",
        lambda keys: _opened(keys, request, given.get("echostr", ""), building.now()),
    )
    return PlainTextResponse(opened)


@door.post("/hooks/wecom", MACHINE, name="hooks:wecom")
async def wecom(request: Request, building: Building) -> Response:
    """Hear which customers come, go and change."""
    return await _heard(request, building, "wecom")


def _proven(request: Request, building: Building, channel: str) -> Response:
    """Answer the console's question, which is never sealed at these two platforms."""
    given = request.query_params

    def verify(keys: CallbackKeys) -> str:
        _verify(keys, request, building.now())
        return given.get("echostr", "")

    return PlainTextResponse(_believed(request, building, channel, verify))


async def _heard(request: Request, building: Building, channel: str) -> Response:
    """Keep a push once and answer; what it asks for is done after, by a worker."""
    now = building.now()
    try:
        raw = await raw_body(request)
    except Forged as forged:
        _log_refusal(request, channel, forged)
        raise
    plain = _believed(
        request, building, channel, lambda keys: _plain(keys, request, channel, raw, now)
    )
    fields = _believed(request, building, channel, lambda _keys: pushes.read_fields(plain))
    due_at = now - _HEAD_START if fields.get("WelcomeCode") else now
    sealed = pushes.sealed(building.keys, fields)
    body = {"channel": channel, "sealed": sealed, "heard_at": now.isoformat()}
    async with building.transaction(SYSTEM) as db:
        if await heard.first_time(db, channel, pushes.identity_of(fields), now):
            await jobs.enqueue(db, JOB, body, now, due_at)
        else:
            log.info("a push to %s came before: %s", channel, pushes.name_of(fields))
    return PlainTextResponse(_SUCCESS)


def _plain(keys: CallbackKeys, request: Request, channel: str, raw: bytes, now: datetime) -> bytes:
    """Open a sealed push; one in plain is believed only where none is sealed."""
    if channel == "wecom" or request.query_params.get("encrypt_type") == "aes":
        return _opened(keys, request, pushes.sealed_in(raw), now)
    if keys.aes_key and not keys.takes_plain:
        raise Forged(why="this address takes sealed pushes only")
    _verify(keys, request, now)
    return raw


def _opened(keys: CallbackKeys, request: Request, sealed: str, now: datetime) -> bytes:
    given = request.query_params
    return callbacks.open_sealed(
        keys,
        given.get("msg_signature", ""),
        given.get("timestamp", ""),
        given.get("nonce", ""),
        sealed,
        now,
    )


def _verify(keys: CallbackKeys, request: Request, now: datetime) -> None:
    given = request.query_params
    signature, timestamp = given.get("signature", ""), given.get("timestamp", "")
    callbacks.verify_plain(keys, signature, timestamp, given.get("nonce", ""), now)


def _believed(
    request: Request, building: Building, channel: str, read: Callable[[CallbackKeys], T]
) -> T:
    """Try the keys of now and, during a change, the ones before; refuse what none of them opens."""
    known = building.outside.now.pushes.get(channel, ())
    if not known:
        raise NotFound(what=channel)
    refused = Forged(why="no key fits")
    for keys in known:
        try:
            return read(keys)
        except Forged as forged:
            refused = forged
    _log_refusal(request, channel, refused)
    raise refused


def _log_refusal(request: Request, channel: str, refused: Forged) -> None:
    whence = request.client and request.client.host
    log.warning("refused a push to %s from %s: %s", channel, whence, refused)
