"""Ids made by us: UUIDv7 that carry a bucket, and short codes that people may see."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID

BUCKETS = 1024

# Crockford's alphabet: no I, L, O or U, so that a code read aloud comes back the same.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans({"I": "1", "L": "1", "O": "0"})
# From when the ids of a seeded world count their milliseconds: 1 January 2024.
_SEEDED_FROM_MS = 1_704_067_200_000


@dataclass
class _Seeded:
    """What a simulated world draws its ids from: a seed, and how many of each kind there were."""

    seed: str
    made: Counter[str] = field(default_factory=Counter)


_seeded: ContextVar[_Seeded | None] = ContextVar("seeded", default=None)


@contextmanager
def seeded(seed: str) -> Iterator[None]:
    """Repeat the ids on which draws hang, so that a simulated world's seed repeats its arms too.

    In here the nth id of a kind is the same for the same seed. A world that is lived again on the
    same database needs another seed, or its ids are taken.
    """
    token = _seeded.set(_Seeded(seed))
    try:
        yield
    finally:
        _seeded.reset(token)


def new(bucket: int | None = None, at_ms: int | None = None) -> UUID:
    """Make a UUIDv7 (RFC 9562) whose last ten bits are the bucket.

    A member's rows all carry the member's bucket, so that an order's id alone tells which
    machine holds it. Without a bucket the last bits are random.
    """
    millis = time.time_ns() // 1_000_000 if at_ms is None else at_ms
    noise = int.from_bytes(secrets.token_bytes(10))
    low = noise & ((1 << 62) - 1)
    if bucket is not None:
        low = (low & ~(BUCKETS - 1)) | bucket
    return UUID(
        int=(millis << 80) | (0x7 << 76) | ((noise >> 62 & 0xFFF) << 64) | (0b10 << 62) | low
    )


def drawn(kind: str) -> UUID:
    """Make a UUIDv7 on which a draw of arms hangs; a simulated world's seed repeats it."""
    world = _seeded.get()
    if world is None:
        return new()
    world.made[kind] += 1
    turn = world.made[kind]
    low = named(f"seeded {kind}", f"{world.seed}:{turn}").int & ((1 << 64) - 1)
    return UUID(int=((_SEEDED_FROM_MS + turn) << 80) | (0x7 << 76) | low)


def new_member() -> UUID:
    """Make a member's id: its bucket is a hash of the rest of it, so members spread evenly."""
    return _with_bucket(drawn("member"))


def named(namespace: str, name: str) -> UUID:
    """Make the same id for the same name every time, so that an import may run again."""
    digest = int.from_bytes(hashlib.sha256(f"{namespace}\n{name}".encode()).digest()[:16])
    variant = (digest & ~(0xF << 76) & ~(0b11 << 62)) | (0x8 << 76) | (0b10 << 62)
    return UUID(int=variant)


def named_in(bucket: int, namespace: str, name: str) -> UUID:
    """Make the same id for the same name every time, carrying this bucket."""
    drawn = named(namespace, name).int
    return UUID(int=(drawn & ~(BUCKETS - 1)) | bucket)


def named_member(namespace: str, name: str) -> UUID:
    """Make an imported member's id from what the other system calls them."""
    return _with_bucket(named(namespace, name))


def bucket_of(id: UUID) -> int:
    """Read the bucket that an id carries."""
    return id.int & (BUCKETS - 1)


def hash_bucket(value: bytes) -> int:
    """Place a value that belongs to no member yet, such as a phone's blind index."""
    return int.from_bytes(hashlib.sha256(value).digest()[:4]) % BUCKETS


def is_member(id: UUID) -> bool:
    """Tell whether the bucket in this id is the hash that a member's id must carry."""
    return _with_bucket(id) == id


def code(length: int = 8) -> str:
    """Make a random code that people may see; it tells neither time nor number."""
    # The alphabet has 32 signs, so five bits of each random byte choose one without favour.
    return "".join(ALPHABET[byte & 31] for byte in secrets.token_bytes(length))


def order_number(order_id: UUID) -> str:
    """Make the number a shopper sees: ten random places, then the bucket in two."""
    bucket = bucket_of(order_id)
    return code(10) + ALPHABET[bucket >> 5] + ALPHABET[bucket & 31]


def bucket_of_number(number: str) -> int | None:
    """Read the bucket out of an order number, or None when it is not one."""
    tidy = tidy_code(number)
    if len(tidy) != 12 or any(sign not in ALPHABET for sign in tidy):
        return None
    return (ALPHABET.index(tidy[10]) << 5) | ALPHABET.index(tidy[11])


def tidy_code(typed: str) -> str:
    """Bring a typed code to the form in which it was made."""
    return typed.strip().upper().replace("-", "").replace(" ", "").translate(_LOOKALIKES)


def _with_bucket(id: UUID) -> UUID:
    rest = id.int & ~(BUCKETS - 1)
    bucket = int.from_bytes(hashlib.sha256(rest.to_bytes(16)).digest()[:4]) % BUCKETS
    return UUID(int=rest | bucket)
