"""Replies to a push: readable by the other side, sealed when asked, within the limits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.connect.weixin.stub import NOON

from headwater.base.errors import BadInput, Forged
from headwater.connect.callbacks import CallbackKeys, open_sealed
from headwater.connect.weixin_pushes import kinds, replies
from headwater.connect.weixin_pushes.kinds import Push
from headwater.connect.weixin_pushes.replies import Article

SAID = Push("gh_1", "o-1", NOON, "message:1", kinds.Said("1", "你好", None))
FOLLOWED = Push("gh_1", "o-1", NOON, "event:1", kinds.Followed(None))
KEYS = CallbackKeys("t0ken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wx12")


def read(reply: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(reply)


def text(reply: bytes, name: str) -> Any:
    return read(reply).findtext(name)


def test_words_go_back_to_whom_they_came_from() -> None:
    reply = replies.words(SAID, "还有，欢迎来店 😀", NOON)
    assert text(reply, "ToUserName") == "o-1"
    assert text(reply, "FromUserName") == "gh_1"
    assert text(reply, "CreateTime") == str(int(NOON.timestamp()))
    assert (text(reply, "MsgType"), text(reply, "Content")) == ("text", "还有，欢迎来店 😀")


@given(st.text(min_size=1, max_size=300))
def test_no_words_break_out_of_their_element(words: str) -> None:
    reply = replies.words(SAID, words, NOON)
    assert [each.tag for each in read(reply)] == [
        "ToUserName",
        "FromUserName",
        "CreateTime",
        "MsgType",
        "Content",
    ]


def test_an_early_end_of_the_words_is_only_words() -> None:
    assert text(replies.words(SAID, "a]]><b/>", NOON), "Content") == "a]]><b/>"


def test_words_may_be_as_long_as_the_limit_and_no_longer() -> None:
    assert replies.words(SAID, "x" * 2048, NOON)
    for wrong in ("", "x" * 2049, "围" * 683):
        with pytest.raises(BadInput):
            replies.words(SAID, wrong, NOON)


def test_one_article_answers_words_and_eight_answer_an_event() -> None:
    article = Article("新品", "羊绒", "https://b.example/p.jpg", "https://b.example/1")
    reply = replies.news(SAID, [article], NOON)
    assert text(reply, "ArticleCount") == "1"
    assert text(reply, "Articles/item/Title") == "新品"
    assert text(replies.news(FOLLOWED, [article] * 8, NOON), "ArticleCount") == "8"
    for push, count in ((SAID, 0), (SAID, 2), (FOLLOWED, 9)):
        with pytest.raises(BadInput):
            replies.news(push, [article] * count, NOON)


def test_a_conversation_is_handed_to_the_service_desk() -> None:
    assert text(replies.to_service(SAID, NOON), "MsgType") == "transfer_customer_service"
    chosen = replies.to_service(SAID, NOON, account="li@brand")
    assert text(chosen, "TransInfo/KfAccount") == "li@brand"


def test_a_sealed_reply_opens_with_its_keys_and_no_others() -> None:
    reply = replies.words(SAID, "好", NOON)
    envelope = replies.sealed(KEYS, reply, "n0nce", NOON)
    signature, sealed = text(envelope, "MsgSignature"), text(envelope, "Encrypt")
    stamp, nonce = text(envelope, "TimeStamp"), text(envelope, "Nonce")
    assert open_sealed(KEYS, signature, stamp, nonce, sealed, NOON) == reply
    other = CallbackKeys("t0ken", KEYS.aes_key, "wx13")
    with pytest.raises(Forged):
        open_sealed(other, signature, stamp, nonce, sealed, NOON)
    with pytest.raises(Forged):
        open_sealed(KEYS, signature, stamp, nonce, sealed, NOON + timedelta(seconds=301))
