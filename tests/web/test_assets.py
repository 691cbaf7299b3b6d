"""Style and script are small, cached for ever, and what is vendored is what the lock says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from headwater.web.kit import answers, assets, routes
from headwater.web.kit.site import Site

ROOT = Path(__file__).parents[2]
KIT = ROOT / "src/headwater/web/kit"


@pytest.fixture
def client() -> TestClient:
    """A browser that asks for nothing but files."""
    app = Starlette(routes=routes.ROUTES)
    app.state.site = Site(keys=("a-key-for-these-tests",))
    answers.install(app)
    return TestClient(app)


@pytest.mark.parametrize(
    "name,most_bytes",
    [("app.css", 12_000), ("app.js", 6_000), ("htmx.js", 14_000), ("icons.svg", 6_000)],
)
def test_each_file_keeps_to_its_weight(name: str, most_bytes: int) -> None:
    assert len(assets.assets()[name].packed) <= most_bytes


def test_a_file_is_answered_for_good_and_packed_for_whoever_can_unpack(client: TestClient) -> None:
    address = assets.address("app.css")
    packed = client.get(address)
    assert "immutable" in packed.headers["cache-control"]
    assert packed.headers["content-encoding"] == "gzip"
    plain = client.get(address, headers={"accept-encoding": "identity"})
    assert plain.content == packed.content
    assert "content-encoding" not in plain.headers


@pytest.mark.parametrize("path", ["/static/app.css", "/static/..%2fassets.py", "/static/app.0.css"])
def test_nothing_else_is_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_layers_are_named_before_they_are_filled_and_print_comes_last() -> None:
    css = assets.assets()["app.css"].plain.decode()
    assert css.startswith("@layer reset,")
    assert css.rindex("@media print") > css.rindex(".products")
    assert "/*" not in css


def test_every_sheet_stays_within_the_layers() -> None:
    for sheet in (KIT / "static/css").glob("*.css"):
        bare = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.S).strip()
        assert bare.startswith("@layer "), sheet.name
        assert bare.count("{") == bare.count("}"), sheet.name


def test_every_icon_that_a_template_names_is_drawn() -> None:
    sprite = (KIT / "static" / assets.SERVED["icons.svg"]).read_text()
    drawn = set(re.findall(r'<symbol id="([a-z]+)"', sprite))
    named: set[str] = set()
    for file in KIT.parent.rglob("*.html"):
        named |= set(re.findall(r"icon\('([a-z]+)'", file.read_text()))
    assert len(drawn) >= 50
    assert named <= drawn, named - drawn


def vendor_check(script: Path) -> subprocess.CompletedProcess[str]:
    """Run the check as people do."""
    return subprocess.run(
        [sys.executable, str(script), "check"], capture_output=True, text=True, check=False
    )


def test_vendored_files_match_their_locks() -> None:
    checked = vendor_check(ROOT / "scripts/vendor.py")
    assert checked.returncode == 0, checked.stderr


def test_the_check_notices_a_changed_a_missing_and_a_foreign_file(tmp_path: Path) -> None:
    script = tmp_path / "scripts/vendor.py"
    script.parent.mkdir()
    script.write_text((ROOT / "scripts/vendor.py").read_text())
    folder = tmp_path / "src/headwater/web/kit/static/vendor"
    (tmp_path / "tests/browser/vendor").mkdir(parents=True)
    (folder / "thing/1").mkdir(parents=True)
    (folder / "thing/1/LICENSE").write_text("changed")
    (folder / "thing/1/foreign.js").write_text("x")
    files = {"thing/1/LICENSE": "0" * 64, "thing/1/gone.js": "0" * 64}
    package = {"name": "thing", "version": "1", "licence": "GPL-3.0", "integrity": "sha512-x"}
    lock = {"packages": [{**package, "files": files}]}
    (folder / "vendor.lock.json").write_text(json.dumps(lock))
    checked = vendor_check(script)
    assert checked.returncode == 1
    for fault in ("differs", "not there", "not in the lock", "GPL-3.0 is not allowed"):
        assert fault in checked.stderr
