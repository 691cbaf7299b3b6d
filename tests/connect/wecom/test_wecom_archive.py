"""The session archive: in order, a thousand at a time, and opened with our own keys only."""

from __future__ import annotations

from typing import Any

import pytest
from tests.connect.provider import private_pem, public_pem

from headwater.base.errors import BadInput, Forged, Trouble
from headwater.connect.wecom.archive import ArchiveReader, RememberedArchive, SealedRecord

KEYS = {1: private_pem("archive")}


def message(number: int, **changes: Any) -> dict[str, Any]:
    known = {
        "msgid": f"m-{number}",
        "action": "send",
        "from": "zhangsan",
        "tolist": ["wm-1"],
        "roomid": "",
        "msgtime": 1_795_000_000_123,
        "msgtype": "text",
        "text": {"content": f"第 {number} 句"},
    }
    return known | changes


def archive(count: int) -> RememberedArchive:
    kept = RememberedArchive(public_pem("archive"))
    for number in range(1, count + 1):
        kept.keep(message(number))
    return kept


async def test_what_was_kept_is_read_in_order_and_goes_on_where_it_stopped() -> None:
    reader = ArchiveReader(archive(3), KEYS)
    first, seq = await reader.after(0, limit=2)
    assert [each.message_id for each in first] == ["m-1", "m-2"]
    rest, seq = await reader.after(seq, limit=2)
    assert [each.message_id for each in rest] == ["m-3"]
    assert await reader.after(seq) == ((), 3)
    assert (first[0].from_id, first[0].to_ids, first[0].kind) == ("zhangsan", ("wm-1",), "text")
    assert first[0].content["text"] == {"content": "第 1 句"}


async def test_a_page_has_a_thousand_records_and_not_one_more() -> None:
    reader = ArchiveReader(archive(1), KEYS)
    assert (await reader.after(0, limit=1_000))[1] == 1
    for wrong in (0, 1_001):
        with pytest.raises(BadInput):
            await reader.after(0, limit=wrong)
        with pytest.raises(BadInput):
            await archive(1).after(0, wrong)


async def test_a_record_under_a_key_that_we_lack_stops_the_reading_before_it() -> None:
    kept = archive(2)
    newer = RememberedArchive(public_pem("newer"), key_version=2)
    newer.keep(message(1))
    newer.keep(message(2))
    newer.keep(message(3))

    class Both:
        async def after(self, seq: int, limit: int) -> tuple[SealedRecord, ...]:
            return (await kept.after(seq, limit) + (await newer.after(max(seq, 2), limit)))[:limit]

        async def opened(self, key: str, sealed_text: str) -> bytes:
            return await kept.opened(key, sealed_text)

    messages, seq = await ArchiveReader(Both(), KEYS).after(0)
    assert (len(messages), seq) == (2, 2)
    with pytest.raises(Forged):
        await ArchiveReader(Both(), KEYS).after(seq)
    both = KEYS | {2: private_pem("newer")}
    assert (await ArchiveReader(Both(), both).after(seq))[1] == 3


async def test_a_key_that_does_not_fit_opens_nothing() -> None:
    with pytest.raises(Forged):
        await ArchiveReader(archive(1), {1: private_pem("other")}).after(0)


async def test_an_archive_that_repeats_itself_is_trouble() -> None:
    kept = archive(1)

    class Stuck:
        async def after(self, seq: int, limit: int) -> tuple[SealedRecord, ...]:
            return await kept.after(0, limit)

        async def opened(self, key: str, sealed_text: str) -> bytes:
            return await kept.opened(key, sealed_text)

    with pytest.raises(Trouble):
        await ArchiveReader(Stuck(), KEYS).after(1)


@pytest.mark.parametrize("change", [{"msgtime": -1}, {"tolist": "wm-1"}, {"from": 7}])
async def test_a_message_in_another_shape_is_forged(change: dict[str, Any]) -> None:
    kept = RememberedArchive(public_pem("archive"))
    kept.keep(message(1, **change))
    with pytest.raises(Forged):
        await ArchiveReader(kept, KEYS).after(0)


async def test_a_message_taken_back_keeps_its_word_for_it() -> None:
    kept = RememberedArchive(public_pem("archive"))
    kept.keep({"msgid": "m-1", "action": "recall", "pre_msgid": "m-0"})
    (message,), _seq = await ArchiveReader(kept, KEYS).after(0)
    assert (message.kind, message.sent_at, message.chat_id) == ("recall", None, None)


def test_neither_keys_nor_words_are_shown() -> None:
    sealed = SealedRecord(1, "m-1", 1, "k3y", "t3xt")
    assert "k3y" not in repr(sealed)
    assert "t3xt" not in repr(sealed)
