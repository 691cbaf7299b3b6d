"""What a browser carries for us cannot be changed, reused elsewhere or kept for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from starlette.responses import Response

from headwater.web.kit import cookies

OLD, NEW, FOREIGN = ("an-old-signing-key",), ("a-new-key-for-signing",), ("somebody-elses-key",)
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
HOUR = 3600


def test_a_sealed_payload_opens_again() -> None:
    sealed = cookies.seal(NEW, "login", {"member": "m1"}, NOON)
    assert cookies.unseal(NEW, "login", sealed, HOUR, NOON) == {"member": "m1"}


def test_a_payload_does_not_open_after_its_time() -> None:
    sealed = cookies.seal(NEW, "login", "m1", NOON)
    at_end = NOON + timedelta(seconds=HOUR)
    assert cookies.unseal(NEW, "login", sealed, HOUR, at_end) == "m1"
    assert cookies.unseal(NEW, "login", sealed, HOUR, at_end + timedelta(seconds=1)) is None


def test_a_payload_of_one_purpose_does_not_open_as_another() -> None:
    sealed = cookies.seal(NEW, "visitor", "m1", NOON)
    assert cookies.unseal(NEW, "login", sealed, HOUR, NOON) is None


@pytest.mark.parametrize("place", range(0, 30, 3))
def test_a_changed_payload_does_not_open(place: int) -> None:
    sealed = cookies.seal(NEW, "login", {"member": "m1"}, NOON)
    other = "A" if sealed[place] != "A" else "B"
    changed = sealed[:place] + other + sealed[place + 1 :]
    assert cookies.unseal(NEW, "login", changed, HOUR, NOON) is None


@pytest.mark.parametrize("text", [None, "", ".", "a.b.c", "x" * 5000, "é", "\x00"])
def test_nonsense_opens_as_nothing(text: str | None) -> None:
    assert cookies.unseal(NEW, "login", text, HOUR, NOON) is None


def test_after_a_rotation_old_cookies_open_and_new_ones_use_the_new_key() -> None:
    before = cookies.seal(OLD, "login", "m1", NOON)
    rotated = NEW + OLD
    assert cookies.unseal(rotated, "login", before, HOUR, NOON) == "m1"
    after = cookies.seal(rotated, "login", "m1", NOON)
    assert cookies.unseal(NEW, "login", after, HOUR, NOON) == "m1"
    assert cookies.unseal(OLD, "login", after, HOUR, NOON) is None


def test_a_form_token_holds_for_one_browser_only() -> None:
    mine, other = cookies.new_nonce(), cookies.new_nonce()
    token = cookies.form_token(NEW, mine)
    assert cookies.is_form_token(NEW, mine, token)
    assert cookies.is_form_token(OLD + NEW, mine, token)
    assert not cookies.is_form_token(NEW, other, token)
    assert not cookies.is_form_token(FOREIGN, mine, token)
    assert not cookies.is_form_token(NEW, mine, mine)
    assert not cookies.is_form_token(NEW, None, token)
    assert not cookies.is_form_token(NEW, mine, None)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="16 characters"):
        cookies.seal(("short",), "login", "m1", NOON)


def test_a_cookie_is_out_of_reach_of_scripts_and_other_sites() -> None:
    response = Response()
    cookies.put(response, "login", "x", is_secure=True, max_age_seconds=HOUR)
    written = response.headers["set-cookie"]
    assert written.startswith("__Host-login=x;")
    for rule in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert rule in written
    assert "Domain" not in written
