"""Record what the migrations make of an empty database, for readers and for a test."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from headwater.base.postgres import migrate, migrations, schema, supervisor


async def main() -> None:
    """Migrate an empty server of our own, and write its schema beside the migrations."""
    with tempfile.TemporaryDirectory(prefix="headwater-") as folder:
        home = Path(folder)
        cluster = await supervisor.start(home, {"fsync": "off", "shared_buffers": "16MB"})
        try:
            await migrate.apply(cluster.owner_url)
            text = await schema.dump(cluster.owner_url)
        finally:
            await cluster.stop()
            await supervisor.erase(home)
    target = migrations.folder() / migrations.RECORDED_SCHEMA
    target.write_text(text, encoding="utf-8")
    print(f"{target.name}: {len(text.splitlines())} lines")


if __name__ == "__main__":
    asyncio.run(main())
