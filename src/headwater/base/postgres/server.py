"""The server's own processes: made, started, looked at and stopped, one data folder each."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import asyncpg

from headwater.base.postgres.account import ENVIRONMENT, Account
from headwater.base.postgres.errors import (
    DatabaseWouldNotStart,
    DiskFull,
    FolderNotWritable,
    GroundTrouble,
)

ADMIN = "headwater_admin"
_STOP_SECONDS = 60.0
# No line of this file trusts anybody: every login proves its password.
_HBA = """\
local all          all                scram-sha-256
host  all          all  127.0.0.1/32  scram-sha-256
host  replication  all  127.0.0.1/32  scram-sha-256
"""
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    # The wheel is built without lz4 and zstd.
    "wal_compression": "pglz",
    # Incremental backups need the summaries.
    "summarize_wal": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "idle_in_transaction_session_timeout": "10min",
    # Seven files, one a weekday, each begun anew: a log that cannot fill the disk.
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_min_duration_statement": "1s",
    # Values are personal data, so the log never holds them.
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
# Above every system's highest process id: a postmaster.pid that names it is known to be stale.
_NOBODY_HAS_THIS_PID = 2**30
# Systems give a socket's address some 104 bytes; what lies deeper is reached through a port.
_SOCKET_PATH_MOST = 100


class Server:
    """One data folder and the processes that serve it."""

    def __init__(
        self, folder: Path, runner: Account, programs: Path, extra: Mapping[str, str]
    ) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._runner = runner
        self._programs = programs
        self._extra = extra
        self._process: subprocess.Popen[bytes] | None = None
        self._log_sizes: dict[Path, int] = {}

    @property
    def socket_folder(self) -> Path | None:
        """Where this server's socket lies: cheaper than the port, which stays open beside it.

        None where the path is too long for a socket.
        """
        longest = self.folder / ".s.PGSQL.65535"
        return self.folder if len(os.fsencode(longest)) <= _SOCKET_PATH_MOST else None

    async def make(self, password: str) -> None:
        """Make the data folder unless it is there; cut short, it begins anew the next time."""
        if (self.data / "PG_VERSION").exists():
            return
        working = self.folder / "data.new"
        secret = self.folder / "initdb.secret"
        try:
            if working.exists():
                shutil.rmtree(working)
            self._write(secret, password + "\n")
            ended = await asyncio.to_thread(self._runner.run, self._initdb(working), self.folder)
            if ended.returncode != 0:
                raise explained(self.folder, ended.stdout + ended.stderr)
            with (working / "postgresql.conf").open("a", encoding="utf-8") as settings:
                settings.write("\ninclude = 'headwater.conf'\n")
            working.rename(self.data)
        except OSError as error:
            raise explained(self.folder, str(error)) from error
        finally:
            secret.unlink(missing_ok=True)

    def _initdb(self, target: Path) -> list[str]:
        command = [str(self._programs / "initdb"), "--pgdata", str(target)]
        command += ["--username", ADMIN, "--pwfile", str(self.folder / "initdb.secret")]
        command += ["--auth", "scram-sha-256", "--data-checksums", "--no-instructions"]
        command += ["--encoding", "UTF8", "--locale", "C"]
        # The wheel has no ICU: PostgreSQL's own C.UTF-8 knows upper and lower case everywhere.
        command += ["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
        if self._extra.get("fsync") == "off":
            command.append("--no-sync")
        return command

    def refuse_other_version(self) -> None:
        """Say it plainly when these data were written by another major version."""
        made_by = (self.data / "PG_VERSION").read_text(encoding="utf-8").strip()
        asked = [str(self._programs / "postgres"), "--version"]
        answer = self._runner.run(asked, self.folder).stdout.split()
        ours = answer[2].split(".")[0] if len(answer) > 2 else made_by
        if made_by != ours:
            raise DatabaseWouldNotStart(
                f"{self.data} was written by PostgreSQL {made_by}, and this is {ours}; "
                f"move the data with pg_dump, or install the earlier release"
            )

    def launch(self, port: int) -> None:
        """Start the server; it lives on when we die, and the next to come joins it."""
        sockets = str(self.socket_folder or "")
        chosen = {**_SETTINGS, "port": str(port), "unix_socket_directories": sockets, **self._extra}
        lines = [f"{name} = '{value}'" for name, value in chosen.items()]
        try:
            self._write(self.data / "headwater.conf", "\n".join(lines) + "\n")
            self._write(self.data / "pg_hba.conf", _HBA)
            self._disown_stale_pid()
            self._log_sizes = {file: file.stat().st_size for file in self._logs()}
            with (self.folder / "start.log").open("wb") as log:
                self._process = subprocess.Popen(
                    [str(self._programs / "postgres"), "-D", str(self.data)],
                    cwd=self.folder,
                    env=ENVIRONMENT,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    # Ctrl-C in the terminal is for us; we then stop the server in our own order.
                    start_new_session=True,
                    **self._runner.identity(),
                )
        except OSError as error:
            raise explained(self.folder, str(error)) from error

    def was_launched(self) -> bool:
        """Tell whether a process that we started still runs."""
        return self._process is not None and self._process.poll() is None

    def leave_running(self) -> None:
        """Let the server outlive us, since others use it."""
        if self.was_launched() and self._process is not None:
            # Whoever ends it need not be us, so nobody is to be warned that it still runs.
            self._process.returncode = 0

    def last_words(self) -> str:
        """Give what the server said since we started it, or nothing when we never did."""
        if self._process is None:
            return ""
        said = [(self.folder / "start.log").read_text(errors="replace")]
        for file in self._logs():
            text = file.read_bytes()
            known = self._log_sizes.get(file, 0)
            said.append(text[known if known <= len(text) else 0 :].decode(errors="replace"))
        return "\n".join(said)

    def _logs(self) -> list[Path]:
        return sorted((self.data / "log").glob("*.log"))

    def process_id(self) -> int | None:
        """Find the process that serves this folder, whoever started it."""
        try:
            process_id = int((self.data / "postmaster.pid").read_text().split("\n")[0])
            return process_id if _works_in(process_id, self.data) else None
        except (OSError, ValueError):
            return None

    async def stop(self) -> None:
        """End the server: sessions are cut, everything is written; at worst, at once."""
        for how, seconds in ((signal.SIGINT, _STOP_SECONDS), (signal.SIGQUIT, 10.0)):
            found = self.process_id()
            if found is not None:
                os.kill(found, how)
            if await self._ended(seconds):
                return
        raise GroundTrouble(f"the database in {self.folder} does not stop; end it by hand")

    async def _ended(self, seconds: float) -> bool:
        waited_until = time.monotonic() + seconds
        while self.was_launched() or self.process_id() is not None:
            if time.monotonic() > waited_until:
                return False
            await asyncio.sleep(0.05)
        return True

    def _disown_stale_pid(self) -> None:
        """Free a postmaster.pid whose number went to another process, as after a reboot.

        So is the socket that a killed server left. The rest of the file stays, since by it
        PostgreSQL finds orphans that still hold memory.
        """
        if self.process_id() is not None:
            return
        for left in self.folder.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)
        file = self.data / "postmaster.pid"
        if not file.exists():
            return
        _, newline, rest = file.read_text().partition("\n")
        self._write(file, f"{_NOBODY_HAS_THIS_PID}{newline}{rest}")

    def _write(self, file: Path, text: str) -> None:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(text)
            if self._runner.is_other:
                os.fchown(opened.fileno(), self._runner.user_id, self._runner.group_id)

    async def answers(self, url: str) -> bool | None:
        """Ask whether this folder's server is ready; None means that it is coming or going."""
        if self.process_id() is None:
            # Whoever answers at our port then is a stranger.
            return False
        try:
            connection = await asyncpg.connect(url, timeout=10)
        except (asyncpg.CannotConnectNowError, TimeoutError):
            return None
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        try:
            folder = await connection.fetchval("SHOW data_directory")
            return Path(folder).resolve() == self.data.resolve()
        finally:
            await connection.close()


def _works_in(process_id: int, folder: Path) -> bool:
    """Tell a server from another process that got its number: a server works in its folder."""
    if not Path("/proc/self").exists():
        os.kill(process_id, 0)
        return True
    return Path(f"/proc/{process_id}/cwd").resolve(strict=True) == folder.resolve()


def may_pass_by_itself(words: str) -> bool:
    """Recognise a start that failed because the last server's processes are not all gone."""
    return "pre-existing shared memory block" in words or "postmaster.pid" in words


def is_about_the_port(words: str) -> bool:
    """Recognise a start that failed because somebody else took the port."""
    return "Address already in use" in words or "could not create any TCP/IP sockets" in words


def explained(folder: Path, words: str) -> GroundTrouble:
    """Turn what a program of the server said into one line for the person who started us."""
    if "No space left on device" in words or "Disk quota exceeded" in words:
        return DiskFull(f"there is no room left for {folder}; free some space and start again")
    if "Permission denied" in words or "Read-only file system" in words:
        return FolderNotWritable(f"the database may not write in {folder}; check its owner")
    told = [line for line in words.splitlines() if line.strip()] or ["it said nothing"]
    worst = [line for line in told if "FATAL: " in line or "PANIC: " in line] or told
    why = worst[-1].partition("FATAL: ")[2] or worst[-1]
    return DatabaseWouldNotStart(f"the database in {folder} did not start: {why.strip()}")
