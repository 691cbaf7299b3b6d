"""Write the icon sprite from an unpacked @tabler/icons package (`npm pack @tabler/icons`)."""

from __future__ import annotations

import re
from pathlib import Path

import click

ROOT = Path(__file__).parents[1]
SPRITE = ROOT / "src/headwater/web/kit/static/vendor/tabler-icons/3.51.0/sprite.svg"

# Our name on the left, theirs on the right: templates speak of what a thing is for.
ICONS = {
    "home": "home",
    "grid": "category",
    "cart": "shopping-cart",
    "user": "user",
    "users": "users",
    "search": "search",
    "qrcode": "qrcode",
    "scan": "scan",
    "barcode": "barcode",
    "store": "building-store",
    "pin": "map-pin",
    "heart": "heart",
    "share": "share",
    "link": "link",
    "send": "send",
    "message": "message",
    "wechat": "brand-wechat",
    "tasks": "list-check",
    "coin": "coin",
    "wallet": "wallet",
    "card": "credit-card",
    "chart": "chart-bar",
    "trend": "chart-line",
    "scatter": "chart-dots",
    "package": "package",
    "box": "box",
    "receipt": "receipt",
    "truck": "truck",
    "walk": "walk",
    "return": "arrow-back-up",
    "ticket": "ticket",
    "discount": "discount",
    "tag": "tag",
    "gift": "gift",
    "star": "star",
    "calendar": "calendar",
    "clock": "clock",
    "history": "history",
    "check": "check",
    "close": "x",
    "plus": "plus",
    "minus": "minus",
    "left": "chevron-left",
    "right": "chevron-right",
    "down": "chevron-down",
    "more": "dots",
    "menu": "menu-2",
    "bell": "bell",
    "settings": "settings",
    "logout": "logout",
    "phone": "phone",
    "lock": "lock",
    "shield": "shield-check",
    "alert": "alert-triangle",
    "info": "info-circle",
    "done": "circle-check",
    "failed": "circle-x",
    "offline": "wifi-off",
    "copy": "copy",
    "print": "printer",
    "download": "download",
    "upload": "upload",
    "filter": "filter",
    "adjust": "adjustments",
    "target": "target-arrow",
    "flask": "flask",
    "campaign": "speakerphone",
    "scale": "scale",
    "route": "route",
    "empty": "mood-empty",
    "photo": "photo",
    "edit": "edit",
    "trash": "trash",
    "refresh": "refresh",
    "external": "external-link",
    "eye": "eye",
    "hidden": "eye-off",
    "theme": "contrast",
    "sun": "sun",
    "moon": "moon",
    "language": "language",
    "clipboard": "clipboard-check",
    "badge": "id-badge-2",
    "building": "building",
}


@click.command()
@click.argument("package", type=click.Path(exists=True, file_okay=False, path_type=Path))
def write(package: Path) -> None:
    """Pick the icons named above, and write them as one sprite."""
    symbols = [
        symbol(ours, package / f"icons/outline/{theirs}.svg") for ours, theirs in ICONS.items()
    ]
    note = (
        "<!-- Tabler Icons 3.51.0, MIT, Copyright (c) 2020-2026 Pawel Kuna; see LICENSE beside. -->"
    )
    SPRITE.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg">{note}\n' + "\n".join(symbols) + "\n</svg>\n"
    )
    click.echo(f"{len(symbols)} icons, {SPRITE.stat().st_size} bytes")


def symbol(name: str, file: Path) -> str:
    """Keep what is drawn; colour and width come from the style sheet."""
    inside = re.sub(r"\s+", " ", file.read_text().split(">", 1)[1].rsplit("</svg>", 1)[0])
    inside = inside.replace('<path stroke="none" d="M0 0h24v24H0z" fill="none" />', "")
    inside = re.sub(r"> <", "><", inside).replace(" />", "/>").strip()
    return f'<symbol id="{name}" viewBox="0 0 24 24">{inside}</symbol>'


if __name__ == "__main__":
    write()
