"""One flipped bit anywhere in a message of WeChat Pay is refused, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.conformance.tamper import Message, Wire, genuine_headers, messages, tried
from tests.conformance.tamper_table import outcomes, table
from tests.connect.provider import NOON, credentials

from headwater.base.errors import Trouble
from headwater.connect.wechat_pay import WechatPay

# A prime, so that every bit of a byte is met in turn; the table's command tries every single one.
EVERY = 53
SHORT = ("nonce", "timestamp", "serial", "tag")


@pytest.mark.parametrize(
    "message,part",
    [(message, part) for message in messages() for part in message.parts],
    ids=lambda given: given.name if isinstance(given, Message) else given,
)
async def test_one_flipped_bit_is_refused_and_changes_nothing(message: Message, part: str) -> None:
    is_large = "certificates" in message.name and part not in SHORT
    outcome = await tried(message, part, EVERY * 5 if is_large else 3 if part in SHORT else EVERY)
    assert outcome.flips > 2
    assert (outcome.accepted, outcome.changed) == (0, 0), "\n" + table([outcome])
    # Certificates are opened before their signature is checked, since one of them may have signed.
    if (message.name, part) != ("answer: certificates", "body"):
        assert outcome.forged == outcome.flips, "\n" + table([outcome])


@pytest.mark.parametrize("message", messages(), ids=lambda message: message.name)
async def test_the_same_message_untouched_is_believed(message: Message) -> None:
    """Say that the table above is not clean merely because everything is refused."""
    wire = Wire()
    client = WechatPay(credentials(), wire.http, lambda: NOON)
    headers = genuine_headers(message.body)
    if message.ask is None:
        assert await client.hear(headers, message.body, NOON)
        return
    wire.will(200 if message.body else 204, headers, message.body)
    if message.name == "answer: bill announced":
        with pytest.raises(Trouble, match="503 instead of a bill"):
            await message.ask(client)
        assert wire.acted
        return
    await message.ask(client)


async def test_the_table_of_flips_is_shown(record_property: Callable[[str, object], None]) -> None:
    """Draw a thin version of the table at the end of every run; the command draws the whole one."""
    found = await outcomes(every=211)
    record_property("table", table(found))
    assert not any(each.accepted or each.changed for each in found)
