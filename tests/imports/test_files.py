"""A file that cannot be read says so in one sentence, whatever it is."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest
from tests.imports.inside import NOW, copied

from headwater.app.imports import columns, files
from headwater.app.imports.run import KINDS
from headwater.base.errors import BadInput

STOCK = "store_code,item_number,quantity\nSH001,1001,5\n"


def _refused(file: Path, encoding: str = "utf-8") -> str:
    with pytest.raises(BadInput) as refused:
        _parsed(file, encoding)
    return refused.value.why


def _parsed(file: Path, encoding: str) -> columns.Parsed:
    sheet = files.read(file, encoding)
    return columns.parse(file.name, sheet, KINDS["stock"].columns(NOW))


def _written(folder: Path, name: str, content: bytes) -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


def test_gbk_is_recognised_and_the_option_named(tmp_path: Path) -> None:
    file = _written(tmp_path, "商品.csv", "编号,名称\n1,牛奶\n".encode("gbk"))
    assert "add --encoding gbk" in _refused(file)


def test_gbk_is_read_when_it_is_named(tmp_path: Path) -> None:
    file = _written(tmp_path, "a.csv", "code,name_zh\nS1,静安寺店\n".encode("gbk"))
    assert files.read(file, "gbk").lines[0].cells["name_zh"] == "静安寺店"


def test_a_byte_order_mark_and_semicolons_are_no_trouble(tmp_path: Path) -> None:
    file = _written(tmp_path, "a.csv", b"\xef\xbb\xbf" + STOCK.replace(",", ";").encode())
    sheet = files.read(file)
    assert sheet.columns == ("store_code", "item_number", "quantity")
    assert sheet.lines[0].cells["quantity"] == "5"


@pytest.mark.parametrize(
    "name, content, why",
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"store_code,item_number,quantity\n", "no rows"),
        ("a.csv", b"store_code,item_number\nS,1\n", "columns are missing: quantity"),
        ("a.csv", STOCK.replace("quantity", "qty").encode(), "columns are missing: quantity"),
        ("a.csv", STOCK.replace("\n", ",x\n", 1).encode(), "unknown columns: x"),
        ("a.csv", b"a,a,b\n1,2,3\n", "every column once"),
        ("a.csv", STOCK.encode() + b"SH001,1001,5,6\n", "more cells"),
        ("a.csv", STOCK.encode() + b'"open\n', "not a CSV"),
        ("a.csv", b"store_code\x00", "zero bytes"),
        ("a.csv", b"PK\x03\x04rest", "spreadsheet or Parquet"),
        ("a.xlsx", b"no zip", "not an XLSX"),
        ("a.parquet", b"no parquet", "not a Parquet"),
        ("a.pdf", b"%PDF", "must end in"),
    ],
)
def test_a_strange_file_is_one_clear_sentence(
    tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    assert why in _refused(_written(tmp_path, name, content))


def test_nothing_and_folders_are_no_files(tmp_path: Path) -> None:
    assert "there is no file" in _refused(tmp_path / "nothing.csv")
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    assert "is not a file" in _refused(folder)


def test_a_spreadsheet_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", bytes(64 * 1024 * 1024))
    assert "times its size" in _refused(file)


def test_a_formula_cell_of_a_spreadsheet_is_seen_as_a_formula(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["store_code", "item_number", "quantity"])
    book.active.append(["SH001", "1001", "=2+3"])
    book.save(file)
    parsed = columns.parse(file.name, files.read(file), KINDS["stock"].columns(NOW))
    assert [each.why for each in parsed.problems] == ["is a formula; save the sheet with values"]


def test_empty_lines_are_passed_over_and_lines_keep_their_number(tmp_path: Path) -> None:
    file = _written(tmp_path, "a.csv", (STOCK + "\n,,\nSH002,1001,6\n").encode())
    assert [line.number for line in files.read(file).lines] == [2, 5]


def test_the_examples_are_utf_8(tmp_path: Path) -> None:
    for kind in KINDS:
        files.read(copied(tmp_path, kind))
