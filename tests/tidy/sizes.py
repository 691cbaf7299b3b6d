"""Nothing is too long to be read at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.tidy.house import PACKAGE

FUNCTION_LINES = 60
LONG_FUNCTION_LINES = 40
LONG_FUNCTIONS_SHARE = 0.05
FILE_LINES = 400
PARAMETERS = 6
TEMPLATE_LINES = 80
LINE_LENGTH = 100
SUBJECT_FILES = 12
NOT_SUBJECTS = {"__init__.py", "__main__.py", "events.py", "errors.py", "reactions.py", "due.py"}
_FOLDERS = ("src", "tests", "tools", "scripts", "benchmarks", "migrations", "miniprogram")
_KINDS = {".py", ".sql", ".js", ".css", ".wxml", ".wxss", ".sh"}
# In style sheets a rule stands on one line, as in the design's own sheet.
_LONG_LINES = {".css", ".wxss"}
# Made by programs, or by others.
_NOT_OURS = {"vendor", "node_modules", "__pycache__"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def complaints(root: Path) -> list[str]:
    """Say what is too long."""
    found = []
    for file in _files(root):
        where = file.relative_to(root)
        lines = file.read_text(encoding="utf-8").splitlines()
        if file.suffix in (".html", ".jinja"):
            if len(lines) > TEMPLATE_LINES:
                found.append(f"{where}: {len(lines)} lines; a template has {TEMPLATE_LINES}")
            continue
        if len(lines) > FILE_LINES:
            found.append(f"{where}: {len(lines)} lines; split it by subject at {FILE_LINES}")
        for number, line in enumerate(lines, start=1):
            if len(line) > LINE_LENGTH and file.suffix not in _LONG_LINES:
                found.append(f"{where}:{number}: {len(line)} characters; {LINE_LENGTH} at most")
        if file.suffix == ".py":
            found += _functions(root, file)
    return found + _long_functions(root) + _subjects(root)


def _files(root: Path) -> Iterator[Path]:
    for folder in _FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            inside = file.relative_to(root)
            if _NOT_OURS & set(inside.parts) or inside == Path("migrations/schema.sql"):
                continue
            if file.suffix in _KINDS or (file.suffix in (".html", ".jinja") and folder == "src"):
                yield file


def _functions(root: Path, file: Path) -> Iterator[str]:
    for function in _defined(file):
        where = f"{file.relative_to(root)}:{function.lineno}: {function.name}"
        if _length(function) > FUNCTION_LINES:
            yield f"{where} has {_length(function)} lines; {FUNCTION_LINES} at most"
        given = function.args.posonlyargs + function.args.args + function.args.kwonlyargs
        named = [each for each in given if each.arg not in ("self", "cls")]
        if len(named) > PARAMETERS and file.is_relative_to(root / "src"):
            yield f"{where} takes {len(named)} parameters; {PARAMETERS} at most"


def _long_functions(root: Path) -> list[str]:
    """Sixty lines are the exception: few functions may be longer than forty."""
    lengths = [_length(each) for file in (root / PACKAGE).rglob("*.py") for each in _defined(file)]
    long = sum(length > LONG_FUNCTION_LINES for length in lengths)
    if long > max(1, LONG_FUNCTIONS_SHARE * len(lengths)):
        return [f"{long} of {len(lengths)} functions have more than {LONG_FUNCTION_LINES} lines"]
    return []


def _subjects(root: Path) -> list[str]:
    found = []
    for folder in sorted({each.parent for each in (root / PACKAGE).rglob("*.py")}):
        subjects = [each for each in folder.glob("*.py") if each.name not in NOT_SUBJECTS]
        if len(subjects) > SUBJECT_FILES and folder != root / PACKAGE:
            where = folder.relative_to(root)
            found.append(f"{where}: {len(subjects)} subject files; {SUBJECT_FILES} at most")
    return found


def _defined(file: Path) -> Iterator[Function]:
    """Give the functions of a file; they stand in statements, so expressions are passed over."""
    waiting: list[ast.AST] = [ast.parse(file.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Function):
            yield node
        for inside in ("body", "orelse", "handlers", "finalbody", "cases"):
            found = getattr(node, inside, [])
            waiting += found if isinstance(found, list) else []


def _length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1
