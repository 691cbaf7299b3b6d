"""The pages of mp.weixin.qq.com that a reader sees: one article, without any script."""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headwater.sandbox.weixin.account.publishing import Publishing

PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{title}</title>
<h1>{title}</h1><p>{author}</p>{content}</html>"""
POLICY = "default-src 'none'; img-src *; style-src 'unsafe-inline'; base-uri 'none'"


class Reading:
    """Articles by their address."""

    def __init__(self, publishing: Publishing) -> None:
        self._publishing = publishing

    def routes(self) -> list[Route]:
        """The one page there is."""
        return [Route("/s/{article_id}", self._page, methods=["GET"])]

    async def _page(self, request: Request) -> Response:
        place = request.query_params.get("idx", "1")
        found = None
        if place.isdecimal() and len(place) <= 2:
            found = self._publishing.read(request.path_params["article_id"], int(place))
        if found is None:
            html, status = PAGE.format(title="该内容已被发布者删除", author="", content=""), 404
        else:
            one = found.article
            # The author's own markup: the policy keeps it from doing anything.
            html, status = (
                PAGE.format(
                    title=escape(one.title), author=escape(one.author), content=one.content
                ),
                200,
            )
        return Response(html, status, {"Content-Security-Policy": POLICY}, media_type="text/html")
