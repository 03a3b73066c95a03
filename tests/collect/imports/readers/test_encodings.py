"""Text in any encoding arrives as the same characters; one late stray byte does not kill a large file."""

from __future__ import annotations

import codecs

import pytest

from regulars.collect.imports.readers import describe
from tests.collect.imports.readers.conftest import Reader

CHINESE = (
    "订单编号,买家会员名,商品标题,金额\n"
    + "123456,小明爱购物,韩版女装连衣裙 夏季新款,￥12.50\n4455,张三,自然堂 水润保湿面霜,99\n" * 20
)
FRENCH = "commande;prénom;montant\n" + "1;Éléonore;12,50 €\n2;François;3,00 €\n" * 20
RUSSIAN = "Заказ;Имя\n" + "12;Иванов Сергей\n45;Мария Петрова купила платье\n" * 20
POLISH = "Zamówienie;Imię\n" + "12;Łukasz Żółć\n45;Święta Ąndżelika\n" * 20


@pytest.mark.parametrize(
    ("text", "encoding", "told"),
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "utf-8-sig", "utf-8"),
        (CHINESE, "utf-16", "utf-16-le"),
        (CHINESE, "utf-16-be", "utf-16-be"),
        (CHINESE, "gbk", "gb18030"),
        (CHINESE, "gb18030", "gb18030"),
        (FRENCH, "cp1252", "cp1252"),
        (FRENCH.replace("€", "F"), "latin-1", "cp1252"),
        (FRENCH, "utf-16-le", "utf-16-le"),
        (RUSSIAN, "cp1251", "cp1251"),
        (POLISH, "cp1250", "cp1250"),
    ],
)
def test_the_encoding_is_recognised(reader: Reader, text: str, encoding: str, told: str) -> None:
    data = text.encode(encoding)
    if encoding == "utf-16-be":
        data = codecs.BOM_UTF16_BE + data

    table = reader.read(data)

    header, *lines = text.splitlines()
    separator = table.description.separator or ""
    assert table.description.encoding == told
    assert table.columns == tuple(header.split(separator))
    assert reader.rows(table) == [tuple(line.split(separator)) for line in lines]
    assert describe(reader.folder / "orders.csv").columns == table.columns


def test_a_single_accent_in_a_file_is_western(reader: Reader) -> None:
    table = reader.read(b"id,name\n1,caf\xe9\n2,tea\n")

    assert reader.rows(table) == [("1", "café"), ("2", "tea")]


def test_chinese_that_begins_after_the_first_megabyte(reader: Reader) -> None:
    ascii_rows = b"".join(b"%d,plain name,1\n" % i for i in range(100_000))
    late = "".join(f"{i},自然堂水润保湿面霜,2\n" for i in range(100_000, 100_200)).encode("gb18030")

    table = reader.read(b"id,name,n\n" + ascii_rows + late)

    assert table.description.encoding == "gb18030"
    assert reader.rows(table)[-1] == ("100199", "自然堂水润保湿面霜", "2")


def test_one_stray_byte_late_in_an_utf8_file_is_mended_and_told(reader: Reader) -> None:
    rows = "".join(f"{i},Müller à Zürich,1\n" for i in range(80_000)).encode()

    table = reader.read(b"id,name,n\n" + rows + b"80000,Caf\xe9 Z\xc3\xbcrich,1\n")

    assert table.rows == 80_001
    assert reader.rows(table)[-1] == ("80000", "Café Zürich", "1")
    assert [n.values["count"] for n in table.notices if n.code == "damaged_characters"] == [1]


def test_a_chinese_character_cut_in_two_is_marked_not_guessed(reader: Reader) -> None:
    rows = "".join(f"{i},自然堂面霜,1\n" for i in range(2_000)).encode()

    table = reader.read("编号,名称,数量\n".encode() + rows + b"2000," + "自然".encode()[:5] + b",1\n")

    assert reader.rows(table)[-1] == ("2000", "自\ufffd", "1")


def test_a_character_split_between_two_reads(reader: Reader) -> None:
    """The survey reads 8 MB at a time; a multi-byte character lies across the cut."""
    filler = b"a" * 1019
    rows = b"".join(b"%d,%s\xe5\xba\x97\n" % (i % 10, filler) for i in range(9_000))

    table = reader.read(b"id,name\n" + rows)

    assert table.rows == 9_000
    assert reader.bench.rows("SELECT count(*) FROM raw WHERE NOT ends_with(name, '店')") == [(0,)]


def test_a_person_may_name_the_encoding(reader: Reader) -> None:
    table = reader.read("id,name\n1,шапка\n".encode("koi8-r"), encoding="koi8-r")

    assert reader.rows(table) == [("1", "шапка")]
