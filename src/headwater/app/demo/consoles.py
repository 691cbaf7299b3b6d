"""What one types into the platforms' consoles before they push anything: where our hooks are."""

from __future__ import annotations

import httpx2

from headwater.base.errors import Trouble
from headwater.base.settings import Settings

# As the doors in web/hooks name them.
HOOKS = {
    "official_account": "/hooks/official-account",
    "mini_program": "/hooks/mini-program",
    "wecom": "/hooks/wecom",
}


async def name_our_hooks(settings: Settings, phone: str) -> None:
    """Tell the sandbox where to push, so that its phones find the shop as well.

    Again it says the same; nothing is pushed for what happened before.
    """
    urls = {name: settings.public_url + path for name, path in HOOKS.items()}
    async with httpx2.AsyncClient() as client:
        answer = await client.post(f"{phone}/_sandbox/callbacks", json=urls)
    if not answer.is_success:
        raise Trouble(f"the sandbox did not take the addresses of the hooks: {answer.text}")
