"""Words that are not used here, each with what is used instead."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.tidy import house
from tests.tidy.house import PACKAGE

# A call by its dotted name: where it is allowed, and what to use instead.
CALLS = {
    "datetime.now": (("base/times.py", "app/", "cli/"), "pass now as an argument"),
    "datetime.utcnow": ((), "pass now as an argument"),
    "datetime.today": ((), "pass now as an argument"),
    "date.today": ((), "pass now as an argument"),
    "time.time": (
        ("sandbox/serve.py",),
        "pass now as an argument; time.monotonic measures a length",
    ),
    "os.getenv": (("base/settings.py",), "read it in base.settings"),
    "print": ((), "use a logger, or click.echo in cli"),
    "uuid4": (("base/ids.py",), "use base.ids"),
    "uuid.uuid4": (("base/ids.py",), "use base.ids"),
}
NAMES = {"os.environ": (("base/settings.py",), "read it in base.settings")}
IMPORTS = {
    "httpx2": (("app/", "connect/", "sandbox/", "world/"), "ask an adapter in connect"),
    "requests": ((), "ask an adapter in connect"),
    "urllib.request": ((), "ask an adapter in connect"),
    "random": (("base/ids.py",), "use base.ids, or a numpy generator with a seed"),
}
TEST_IMPORTS = {
    "unittest.mock": "build it through public verbs; the outside is the sandbox",
    "mock": "build it through public verbs; the outside is the sandbox",
}
_PATCHES = ("monkeypatch", "mocker")
_TEST_CALLS = {"time.sleep": "wait for a condition", "asyncio.sleep": "wait for a condition"}
# Kept in pieces, so that this file does not hold what it looks for.
_NOT_OURS = [
    "/wo" + "rk/",
    "/fa" + "rm/",
    "/tm" + r"p/[a-z]+-?[0-9]*/",
    "cla" + "ude",
    "chat" + "gpt",
    "co" + "pilot",
    "anth" + "ropic",
    "language" + " model",
    "ai-" + "generated",
    "pypi" + r"\.org",
    "registry" + r"\.npmjs",
]
_ONLY_CI = r"\.\./sha" + "red"
_TEXT = {".py", ".md", ".sql", ".toml", ".txt", ".in", ".lock", ".html", ".css", ".js", ".sh", ""}


def complaints(root: Path) -> list[str]:
    """Say where a word is used that has a better one."""
    return [*_in_source(root), *_in_tests(root), *_money(root), *_nowhere(root)]


def _in_source(root: Path) -> Iterator[str]:
    for file, tree in house.modules(root, (*CALLS, *NAMES, *IMPORTS)):
        inside = file.relative_to(root / PACKAGE).as_posix()
        for node in ast.walk(tree):
            for name, banned in _spoken(node):
                allowed, instead = banned
                if not inside.startswith(allowed or ("\0",)):
                    line = getattr(node, "lineno", 0)
                    yield f"{file.relative_to(root)}:{line}: {name}; {instead}"


def _spoken(node: ast.AST) -> Iterator[tuple[str, tuple[tuple[str, ...], str]]]:
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func)
        if name in CALLS:
            yield name, CALLS[name]
    elif isinstance(node, ast.Attribute):
        name = ast.unparse(node)
        if name in NAMES:
            yield name, NAMES[name]
    else:
        for name in _imported(node):
            if name in IMPORTS:
                yield name, IMPORTS[name]


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [each.name for each in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return [node.module or ""]
    return []


def _in_tests(root: Path) -> Iterator[str]:
    for file, tree in house.parsed(root / "tests", (*TEST_IMPORTS, *_PATCHES, *_TEST_CALLS)):
        for node in ast.walk(tree):
            for said in _spoken_in_test(node):
                yield f"{file.relative_to(root)}:{getattr(node, 'lineno', 0)}: {said}"


def _spoken_in_test(node: ast.AST) -> Iterator[str]:
    for name in _imported(node):
        if name in TEST_IMPORTS:
            yield f"{name}; {TEST_IMPORTS[name]}"
    if isinstance(node, ast.arg) and node.arg in _PATCHES:
        yield f"{node.arg}; pass what differs as an argument"
    if isinstance(node, ast.Call) and (name := ast.unparse(node.func)) in _TEST_CALLS:
        asked_to_yield = ast.unparse(node.args[0]) == "0" if node.args else False
        if not asked_to_yield:
            yield f"{name}; {_TEST_CALLS[name]}"


def _money(root: Path) -> Iterator[str]:
    """Money is an integer number of fen wherever it has a name."""
    for file, tree in house.modules(root, ("float",)):
        for node in ast.walk(tree):
            name, kind = _annotated(node)
            if name.endswith("_fen") and "float" in kind:
                line = getattr(node, "lineno", 0)
                yield f"{file.relative_to(root)}:{line}: {name} is a float; money is integer fen"


def _annotated(node: ast.AST) -> tuple[str, str]:
    if isinstance(node, ast.AnnAssign):
        return ast.unparse(node.target), ast.unparse(node.annotation)
    if isinstance(node, ast.arg) and node.annotation is not None:
        return node.arg, ast.unparse(node.annotation)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
        return node.name, ast.unparse(node.returns)
    return "", ""


def _nowhere(root: Path) -> Iterator[str]:
    words = re.compile("|".join(_NOT_OURS), re.IGNORECASE)
    outside = re.compile(_ONLY_CI)
    for file in _kept(root):
        text = file.read_text(encoding="utf-8", errors="replace")
        where = file.relative_to(root)
        for number, line in enumerate(text.splitlines(), start=1):
            found = words.search(line)
            if found is None and where != Path(".ci/run"):
                found = outside.search(line)
            if found is not None:
                yield f"{where}:{number}: '{found[0]}' does not belong here"


def _kept(root: Path) -> Iterator[Path]:
    """List the files that are committed, or all where nothing is."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0 and (root / ".git").exists():
        files = [root / name for name in listed.stdout.split("\0") if name]
    else:
        files = [each for each in root.rglob("*") if each.is_file()]
    for file in files:
        if file.suffix in _TEXT and "vendor" not in file.parts and file.is_file():
            yield file
