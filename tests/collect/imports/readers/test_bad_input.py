"""What is no table, or only half of one, is refused with a sentence, a way to mend it and a code; nothing crashes."""

from __future__ import annotations

import errno
import gzip
import io
import os
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regulars.collect.imports.readers import Limits, ReadOptions, describe, read
from regulars.collect.imports.readers.opening import explain_os_error
from regulars.errors import InvalidInput, NotFound, RegularsError, StorageFull
from tests.collect.imports.readers.conftest import Reader

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
PLAIN = b"id,name\n" + b"".join(b"%d,name %d\n" % (i, i) for i in range(200_000))


def workbook(rows: int = 50) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for i in range(rows):
        sheet.append([i, f"name {i}", i / 3])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def parquet(rows: int = 1000) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"id": list(range(rows)), "name": [f"n{i}" for i in range(rows)]}), buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "orders.csv", "empty_file"),
        (b"\n\n  \n", "orders.csv", "empty_file"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "orders.csv", "not_a_table"),
        (PNG, "orders.csv", "not_a_table"),
        (bytes((i * 7919 + i * i) % 256 for i in range(50_000)), "orders.csv", "not_a_table"),
        (b"<!DOCTYPE html><html><body><table><tr><td>1</td></tr></table></body></html>", "orders.xls", "not_a_table"),
        (b"<?xml version='1.0'?><orders/>", "orders.xml", "not_a_table"),
        (b"Rar!\x1a\x07\x01\x00", "orders.rar", "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "orders.xls", "damaged_file"),
        (gzip.compress(PLAIN)[:-2000], "orders.csv.gz", "damaged_file"),
        (gzip.compress(b"", mtime=0), "orders.csv.gz", "empty_file"),
        (pa.Codec("zstd").compress(os.urandom(60_000), asbytes=True)[:30_000], "orders.csv.zst", "damaged_file"),
        (parquet()[:-300], "orders.parquet", "damaged_file"),
        (b"PAR1" + bytes(100), "orders.parquet", "damaged_file"),
        (workbook()[:-500], "orders.xlsx", "damaged_file"),
        (workbook()[: len(workbook()) // 2], "orders.xlsx", "damaged_file"),
        (zipped({"a.csv": b"a\n1\n", "b.csv": b"b\n1\n"}), "orders.zip", "several_files_in_zip"),
        (zipped({}), "orders.zip", "several_files_in_zip"),
        (zipped({"inner.zip": zipped({"a.csv": b"a,b\n1,2\n"})}), "orders.zip", "not_a_table"),
        (
            zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}),
            "o.ods",
            "unsupported_format",
        ),
        (zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}), "letter.docx", "not_a_table"),
        (b'[{"a": 1}, {"a": ', "orders.json", "damaged_file"),
        (b"[]", "orders.json", "empty_file"),
        (b'{"a": 1', "orders.json", "damaged_file"),
        (b"[1, 2, 3]", "numbers.json", "not_a_table"),
    ],
)
def test_refused_with_a_sentence_a_way_to_mend_it_and_a_code(reader: Reader, data: bytes, name: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(reader.file(data, name), reader.bench)

    assert refused.value.code == code
    assert refused.value.message
    assert refused.value.mend
    assert str(reader.folder) not in str(refused.value)


def test_a_folder_a_missing_file_and_a_device(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is a folder"):
        describe(tmp_path)
    with pytest.raises(NotFound, match="there is no file"):
        describe(tmp_path / "orders.csv")
    with pytest.raises(NotFound):
        describe(tmp_path / ("x" * 40) / "orders.csv")
    with pytest.raises(InvalidInput):
        describe(Path("/dev/null"))
    with pytest.raises(RegularsError):
        describe(tmp_path / ("x" * 5000))


def test_no_permission(reader: Reader) -> None:
    """Root may read everything, so as root the test steps down to a user without rights."""
    path = reader.file(b"id\n1\n")
    path.chmod(0)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)

    try:
        with pytest.raises(InvalidInput, match="no permission"):
            describe(path)
    finally:
        if root:
            os.seteuid(0)


def test_the_systems_refusals_have_words() -> None:
    path = Path("orders.csv")

    assert explain_os_error(PermissionError(errno.EACCES, "denied"), path).code == "no_permission"
    assert isinstance(explain_os_error(OSError(errno.ENOSPC, "full"), path), StorageFull)
    assert explain_os_error(OSError(errno.EIO, "Input/output error"), path).code == "unreadable_file"


@pytest.mark.parametrize("pack", ["gzip", "zstd", "zip"])
def test_a_bomb_is_stopped_while_it_unpacks(reader: Reader, pack: str) -> None:
    plain = b"id,name\n" + b"0,0\n" * 10_000_000
    if pack == "gzip":
        data = gzip.compress(plain)
    elif pack == "zstd":
        data = pa.Codec("zstd").compress(plain, asbytes=True)
    else:
        data = zipped({"orders.csv": plain})
    limits = Limits(unpack_free_bytes=4 << 20, unpack_ratio=100)

    with pytest.raises(InvalidInput) as refused:
        read(reader.file(data, f"orders.{pack}"), reader.bench, overrides=ReadOptions(limits=limits))

    assert refused.value.code == "unpacks_too_large"
    assert sum(file.stat().st_size for file in reader.bench.folder.rglob("*") if file.is_file()) < 4 << 20


def test_a_line_without_end_is_refused_by_the_name_people_know(reader: Reader) -> None:
    path = reader.file(gzip.compress(b"id,name\n" + os.urandom(9_000_000).hex().encode()), "orders.csv.gz")

    with pytest.raises(InvalidInput, match=r"a line of 'orders\.csv\.gz'") as refused:
        read(path, reader.bench)

    assert refused.value.code == "line_too_long"


def test_a_pipe_is_refused_and_not_waited_for(reader: Reader) -> None:
    path = reader.bench.folder / "pipe.csv"
    os.mkfifo(path)

    with pytest.raises(InvalidInput, match="a pipe or a device") as refused:
        describe(path)

    assert refused.value.code == "not_a_file"


def test_a_workbook_that_unpacks_to_more_than_it_says_is_stopped(reader: Reader) -> None:
    """The entry claims 100 bytes; the real content is 300 MB of blanks inside the sheet."""
    data = bytearray(workbook())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b"</sheetData>", b" " * 300_000_000 + b"</sheetData>")
    packed = zipped({**parts, "xl/worksheets/sheet1.xml": sheet})
    lying = packed.replace(len(sheet).to_bytes(4, "little"), (100).to_bytes(4, "little"))

    with pytest.raises(InvalidInput) as refused:
        describe(reader.file(lying, "orders.xlsx"))

    assert refused.value.code == "unpacks_too_large"


def test_two_cells_far_apart_do_not_take_the_memory(reader: Reader) -> None:
    with zipfile.ZipFile(io.BytesIO(workbook())) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(b"</sheetData>", far)

    with pytest.raises(InvalidInput, match="spans 1048576 rows and 16384 columns"):
        describe(reader.file(zipped(parts), "orders.xlsx"))


def test_a_line_without_end_is_no_table(reader: Reader) -> None:
    limits = Limits(line_bytes=1 << 20)

    with pytest.raises(InvalidInput) as refused:
        read(reader.file(b"id,name\n1,a\n" + b"x" * 8_000_000), reader.bench, overrides=ReadOptions(limits=limits))

    assert refused.value.code == "line_too_long"


def test_a_damaged_checksum_is_noticed(reader: Reader) -> None:
    data = bytearray(gzip.compress(PLAIN))
    data[-5] ^= 0xFF

    with pytest.raises(InvalidInput, match="damaged or only half there"):
        read(reader.file(bytes(data), "orders.csv.gz"), reader.bench)


def test_too_many_columns(reader: Reader) -> None:
    header = ",".join(f"c{i}" for i in range(3000))

    with pytest.raises(InvalidInput) as refused:
        describe(reader.file(f"{header}\n{header}\n".encode()))

    assert refused.value.code == "too_many_columns"


def test_a_full_disk_while_unpacking_is_said_so(reader: Reader) -> None:
    """The process may write files of one megabyte at most, which ends a write as a full disk does."""
    import resource
    import signal

    path = reader.file(gzip.compress(PLAIN * 4), "orders.csv.gz")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, before[1]))
    try:
        with pytest.raises(StorageFull, match="disk is full"):
            read(path, reader.bench)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
