"""Pages: one template is both the full page and, block by block, the answer to htmx."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from headwater.web.kit import assets, cookies, filters, wording
from headwater.web.kit.drawing import charts, pictures, ranges
from headwater.web.kit.site import Site, site_of

WEB = Path(__file__).parents[1]
# The kit's macros are known in every template without an import, so that a block rendered alone
# finds them too. A file may use the macros of the files before it.
MACROS = ("icons", "money", "states", "buttons", "forms", "shop", "order", "console", "charts")
VARY = "Accept-Language, Cookie, HX-Request-Type"
A_YEAR_SECONDS = 31_536_000


@dataclass(frozen=True)
class Page:
    """What the shell and its macros know of the request."""

    path: str
    here: str
    language: wording.Language
    theme: str
    size: str
    form_token: str


_page: ContextVar[Page] = ContextVar("page")


def render(
    request: Request,
    template: str,
    *,
    block: str | tuple[str, ...] = (),
    status: int = 200,
    **context: Any,
) -> HTMLResponse:
    """Answer with the page, or with the named blocks alone where htmx asks for a part.

    Top-level `set` and `import` of a template do not run for a part; the kit's macros are there.
    """
    site = site_of(request)
    nonce = cookies.read(request, cookies.NONCE, is_secure=site.is_secure)
    kept = nonce or cookies.new_nonce()
    _open_page(request, site, kept)
    found = environment().get_template(template)
    blocks = (block,) if isinstance(block, str) else block
    values = {"site": site, **context}
    if blocks and is_partial(request):
        scope = found.new_context(values)
        html = "".join(piece for name in blocks for piece in found.blocks[name](scope))
    else:
        html = found.render(values)
    response = HTMLResponse(html, status, {"Vary": VARY, "Cache-Control": "private, no-store"})
    if nonce is None:
        cookies.put(
            response,
            cookies.NONCE,
            kept,
            is_secure=site.is_secure,
            max_age_seconds=A_YEAR_SECONDS,
        )
    return response


def is_partial(request: Request) -> bool:
    """Whether htmx asks for a part of a page."""
    return request.headers.get("hx-request-type") == "partial"


def _open_page(request: Request, site: Site, nonce: str) -> None:
    wording.listen(request.scope)
    url = request.url
    theme, size = request.cookies.get("theme"), request.cookies.get("size")
    _page.set(
        Page(
            path=url.path,
            here=f"{url.path}?{url.query}" if url.query else url.path,
            language=wording.language(),
            theme=theme if theme in {"light", "dark"} else "system",
            size="large" if size == "large" else "normal",
            form_token=cookies.form_token(site.keys, nonce),
        )
    )


def page() -> Page:
    """The request being answered, for templates."""
    return _page.get()


def form_token_field() -> Markup:
    """The hidden field without which `forms.read_form` refuses a form."""
    return Markup('<input type="hidden" name="form_token" value="{}">').format(page().form_token)


def attributes(given: dict[str, Any]) -> Markup:
    """Further attributes of a macro's element: `hx_post` becomes hx-post, None and False vanish."""
    pieces = []
    for name, value in given.items():
        if value is None or value is False:
            continue
        plain = name.rstrip("_").replace("_", "-")
        pieces.append(f" {escape(plain)}" + ("" if value is True else f'="{escape(value)}"'))
    return Markup("".join(pieces))  # noqa: S704  each piece is escaped above


@cache
def environment() -> Environment:
    """The one template environment of all doors."""
    doors = {
        folder.parent.name: FileSystemLoader(folder)
        for folder in sorted(WEB.glob("*/templates"))
        if folder.is_dir()
    }
    loader = PrefixLoader({"shell": FileSystemLoader(WEB / "kit/shell"), **doors})
    made = Environment(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=-1,
    )
    made.filters.update({one.__name__: one for one in FILTERS})
    made.globals.update({one.__name__: one for one in GLOBALS})
    made.globals.update(asset=assets.address)
    for name in MACROS:
        module = made.get_template(f"shell/macros/{name}.html").module
        made.globals.update({key: value for key, value in vars(module).items() if callable(value)})
    return made


FILTERS: tuple[Callable[..., Any], ...] = (
    filters.yuan,
    filters.yuan_parts,
    filters.yuan_round,
    filters.moment,
    filters.day,
    filters.clock,
    filters.relative,
    filters.percent,
    filters.number,
    filters.compact,
    filters.stamp,
    filters.masked_phone,
    filters.spoken,
    attributes,
)
GLOBALS: tuple[Callable[..., Any], ...] = (
    wording._,
    page,
    form_token_field,
    pictures.picture_path,
    pictures.qr,
    charts.axis_over,
    charts.interval_svg,
    charts.sparkline,
    charts.bars,
    ranges.ribbon_svg,
    ranges.path_svg,
    ranges.histogram_svg,
    ranges.curve_svg,
)
