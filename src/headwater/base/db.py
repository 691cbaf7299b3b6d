"""The database: a pool, transactions opened in plain sight, and the caller's walls around each."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from uuid import UUID

import asyncpg
import msgspec

from headwater.base.errors import Trouble
from headwater.base.postgres.lending import Lender, is_over
from headwater.base.sql import Statement, carrying

Row = TypeVar("Row")

CONNECT_SECONDS = 10.0


@dataclass(frozen=True)
class Walls:
    """Whose rows the database may show in a transaction; the second net under every query.

    The first net is the condition in the query itself. Row-level security reads these walls, so
    that a query whose condition was forgotten answers nothing instead of everything.
    """

    kind: str
    member_id: UUID | None = None
    brand_ids: tuple[UUID, ...] = ()
    region_ids: tuple[UUID, ...] = ()
    store_ids: tuple[UUID, ...] = ()

    def opening(self) -> str:
        """Write what a transaction begins with; ids are UUIDs, so nothing can be injected."""
        settings = [f"SET LOCAL headwater.wall = '{self.kind}'"]
        if self.member_id is not None:
            settings.append(f"SET LOCAL headwater.member = '{_written(self.member_id)}'")
        for name, ids in (
            ("brands", self.brand_ids),
            ("regions", self.region_ids),
            ("stores", self.store_ids),
        ):
            if ids:
                listed = ",".join(_written(id) for id in ids)
                settings.append(f"SET LOCAL headwater.{name} = '{{{listed}}}'")
        return "BEGIN; " + "; ".join(settings)


def _written(id: UUID) -> str:
    """Write an id into a statement; what is no UUID does not get there, whatever its type says."""
    return str(id if isinstance(id, UUID) else UUID(str(id)))


# Nobody: reference tables only. System: workers and settlement, which serve every member.
NOBODY = Walls("nobody")
SYSTEM = Walls("system")


def member_walls(member_id: UUID) -> Walls:
    """Let a transaction see one member's rows and no other's."""
    return Walls("member", member_id=member_id)


class Db:
    """A transaction in progress. Functions take it first, and never commit it."""

    def __init__(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        self._connection = connection
        self._carried: list[tuple[Statement, dict[str, Any]]] = []
        self.round_trips = 0

    async def all(self, statement: Statement, row: type[Row], **values: Any) -> list[Row]:
        """Run a statement and give its rows."""
        statement, arguments = self._load(statement, values)
        records = await self._connection.fetch(statement.text, *arguments)
        return [_build(statement, row, record) for record in records]

    async def maybe(self, statement: Statement, row: type[Row], **values: Any) -> Row | None:
        """Run a statement that gives one row or none."""
        statement, arguments = self._load(statement, values)
        record = await self._connection.fetchrow(statement.text, *arguments)
        return None if record is None else _build(statement, row, record)

    async def one(self, statement: Statement, row: type[Row], **values: Any) -> Row:
        """Run a statement that must give a row; none is a bug, and fails loudly."""
        found = await self.maybe(statement, row, **values)
        if found is None:
            raise LookupError(f"{statement.source}: {statement.name} found nothing")
        return found

    async def value(self, statement: Statement, **values: Any) -> Any:
        """Run a statement and give the first column of its first row, or None."""
        statement, arguments = self._load(statement, values)
        return await self._connection.fetchval(statement.text, *arguments)

    async def run(self, statement: Statement, **values: Any) -> int:
        """Run a statement and tell how many rows it touched."""
        statement, arguments = self._load(statement, values)
        status = await self._connection.execute(statement.text, *arguments)
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    def carry(self, statement: Statement, **values: Any) -> None:
        """Keep a write whose answer nobody waits for, and send it along with the next statement.

        It saves a round trip. The statement that carries it does not see what it wrote; whatever
        comes after does. What is still carried at the end goes just before the commit.
        """
        self._carried.append((statement, values))

    async def flush(self) -> None:
        """Send what is carried now, for who must see it or may have to undo it."""
        carried, self._carried = self._carried, []
        for statement, values in carried:
            await self.run(statement, **values)

    async def copy(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Load many rows at once; `table` is written schema.name and comes from our own code."""
        await self.flush()
        self.round_trips += 1
        schema, _, name = table.partition(".")
        await self._connection.copy_records_to_table(
            name, schema_name=schema, columns=list(columns), records=rows
        )

    async def copy_out(
        self, statement: Statement, take: Callable[[bytes], Awaitable[None]], **values: Any
    ) -> None:
        """Hand over a statement's rows as a binary copy, where they are too many for objects."""
        await self.flush()
        self.round_trips += 1
        await self._connection.copy_from_query(
            statement.text, *_ordered(statement, values), output=take, format="binary"
        )

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """Try something inside the transaction that may fail without spoiling the rest."""
        await self.flush()
        self.round_trips += 2
        await self._connection.execute("SAVEPOINT attempt")
        try:
            yield
            await self.flush()
        except BaseException:
            self._carried.clear()
            if not is_over(self._connection):
                # Released as well, so that an attempt around this one finds its own savepoint.
                await self._connection.execute(
                    "ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt"
                )
            raise
        await self._connection.execute("RELEASE SAVEPOINT attempt")

    @property
    def raw(self) -> asyncpg.Connection[asyncpg.Record]:
        """The driver's connection, for the few places that speak to it: imports, migrations."""
        return self._connection

    def _load(self, statement: Statement, values: dict[str, Any]) -> tuple[Statement, list[Any]]:
        """Put what is carried onto a statement, and count the round trip."""
        self.round_trips += 1
        arguments = _ordered(statement, values)
        if self._carried:
            carried, self._carried = self._carried, []
            statement = carrying(statement, tuple(each for each, _values in carried))
            for each, given in carried:
                arguments += _ordered(each, given)
        return statement, arguments


# The server ended the session, or is coming or going: no fault of the statement.
_GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    # The server's last word came between two statements, and the driver trips over it.
    asyncpg.InternalClientError,
    ConnectionError,
)


class Pool:
    """The connections of one process."""

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        size: int,
        known: Mapping[str, Any] | None = None,
    ) -> None:
        self._pool = pool
        self._known = dict(known or {})
        self._lender = Lender(pool, size)

    @classmethod
    async def open(cls, url: str, size: int = 10, role: str | None = None) -> Pool:
        """Open the pool; `role` is what each connection becomes when its login owns the tables."""
        server = {"application_name": "headwater", "jit": "off"}
        if role is not None:
            server["role"] = role
        # Room for every statement of the house: one that is thrown out costs a round trip.
        known = {
            "statement_cache_size": 1000,
            "server_settings": server,
            "timeout": CONNECT_SECONDS,
        }
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=min(2, size),
                max_size=size,
                init=_prepare_connection,
                reset=_leave_as_it_is,
                **known,
            )
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
            raise Trouble(f"the database cannot be reached: {error}") from error
        return cls(pool, size, known)

    def lead_to(self, url: str) -> None:
        """Open connections here from now on; those that stand stay until they fail."""
        self._pool.set_connect_args(url, **self._known)

    @asynccontextmanager
    async def transaction(self, walls: Walls) -> AsyncIterator[Db]:
        """Open a transaction inside these walls; it commits when the block ends well."""
        try:
            connection = await self._lender.borrow()
        except (OSError, *_GONE) as error:
            raise Trouble("the database does not answer") from error
        is_committed = False
        try:
            db = Db(cast("asyncpg.Connection[asyncpg.Record]", connection))
            db.round_trips = 1
            await connection.execute(walls.opening())
            try:
                yield db
                await db.flush()
            except BaseException:
                if not is_over(connection):
                    await connection.execute("ROLLBACK")
                raise
            db.round_trips += 1
            await connection.execute("COMMIT")
            is_committed = True
        except _GONE as error:
            raise Trouble("the database went away") from error
        except (asyncpg.InterfaceError, OSError) as error:
            # On a connection that stands, this is a bug of ours or another's trouble.
            if is_over(connection):
                raise Trouble("the database went away") from error
            raise
        finally:
            if is_committed:
                await self._lender.give_back(connection)
            else:
                # Nobody resets it; a connection whose end was cut short must not come back.
                if not is_over(connection) and connection.is_in_transaction():
                    connection.terminate()
                await self._lender.lay_back(connection)

    async def close(self) -> None:
        """Close every connection, after the work on them has ended."""
        await self._lender.close()

    def kill(self) -> None:
        """Drop every connection at once, when there is no time to end well."""
        self._pool.terminate()


async def _prepare_connection(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + msgspec.json.encode(value),
        decoder=lambda data: msgspec.json.decode(data[1:]),
        format="binary",
    )


async def _leave_as_it_is(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Skip the pool's reset: it costs a round trip, and SET LOCAL ends with its transaction."""


def _ordered(statement: Statement, values: dict[str, Any]) -> list[Any]:
    try:
        ordered = [values[name] for name in statement.parameters]
    except KeyError as missing:
        raise TypeError(f"{statement.name} needs {missing}") from None
    if len(values) != len(ordered):
        extra = set(values) - set(statement.parameters)
        raise TypeError(f"{statement.name} does not take {sorted(extra)}")
    return ordered


def _build(statement: Statement, row: type[Row], record: asyncpg.Record) -> Row:
    if row not in statement.checked:
        columns = tuple(record.keys())
        fields = tuple(each.name for each in dataclasses.fields(cast("Any", row)))
        if columns != fields:
            raise TypeError(f"{statement.name} gives {columns}, {row.__name__} wants {fields}")
        statement.checked.add(row)
    return row(*record.values())
