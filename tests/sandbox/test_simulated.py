"""A client of the sandbox's hosts stays in the process, and leads elsewhere only where told to."""

from __future__ import annotations

import httpx2
import pytest
from tests.sandbox.merchant import Town


async def test_what_nothing_answers_for_is_refused(town: Town) -> None:
    async with town.sandbox.client() as http:
        with pytest.raises(httpx2.ConnectError, match=r"shop\.example is not in this process"):
            await http.get("https://shop.example/")


async def test_it_leads_elsewhere_where_it_is_told_to(town: Town) -> None:
    said = httpx2.MockTransport(lambda _asked: httpx2.Response(204))
    async with town.sandbox.client(transport=said) as http:
        assert (await http.get("https://shop.example/")).status_code == 204
