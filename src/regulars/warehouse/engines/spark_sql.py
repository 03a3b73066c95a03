"""Ibis expressions as Spark SQL, by Ibis's compiler for Spark; where Spark means something else than DuckDB, DuckDB's meaning is written.

No session is needed.
"""

from __future__ import annotations

import re
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
import sqlglot as sg
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import NULL
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.backends.sql.dialects import PySpark
from ibis.config import Config

from regulars.errors import InvalidInput
from regulars.warehouse.json_text import extracted, pointed

#: Keys that Spark's JSON paths take between quotes as they are.
_PLAIN_KEY = re.compile(r"[^'\"\\*?\[\]\x00-\x1f]+")
_SCIENTIFIC = r"^-?[0-9]\.[0-9]+E-?[0-9]+$"
_extracted = type(extracted(ibis.literal(""), ibis.literal("")).op())


class _Options(Config):  # type: ignore[misc]
    treat_nan_as_null: bool = False


def compiled(expression: ir.Expr) -> str:
    """The expression as Spark SQL."""
    if ibis.options.pyspark is None:  # Ibis sets it when it connects, which it does not here
        ibis.options.pyspark = _Options()
    return str(_compiler.to_sqlglot(expression.unbind()).sql(dialect=PySpark))


def literal(text: str) -> str:
    """A string literal, safe inside Spark SQL text. Spark takes backslashes as escapes and `''` as nothing."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def quote(identifier: str) -> str:
    """An identifier, safe inside Spark SQL text."""
    return "`" + identifier.replace("`", "``") + "`"


_TYPES = {
    "string": "STRING",
    "int64": "BIGINT",
    "int32": "INT",
    "float64": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp(6)": "TIMESTAMP_NTZ",
}


def column_type(ibis_type: str) -> str:
    """An Ibis type name as a Spark type."""
    name = ibis_type.lstrip("!")
    return _TYPES.get(name) or name.upper()


def rounded(number: Any, *, whole: bool) -> Any:
    """A number as it becomes an integer: Spark would cut off, DuckDB rounds (halves of floats to even, of decimals away from 0)."""
    return (
        sge.Anonymous(this="round", expressions=[number, sge.convert(0)])
        if whole
        else sge.Anonymous(this="rint", expressions=[number])
    )


class _Compiler(PySparkCompiler):  # type: ignore[misc]
    """Ibis's compiler, with DuckDB's meaning of a few operations."""

    def visit_ScalarUDF(self, op: Any, **kw: Any) -> Any:  # noqa: N802 (Ibis's names)
        if isinstance(op, _extracted):
            if not isinstance(op.pointer, ops.Literal):
                raise InvalidInput("a property's name is not known when the question is compiled", mend="use json_text")
            return self._json_text(kw["json"], pointed(op.pointer.value))
        return super().visit_ScalarUDF(op, **kw)

    def _json_text(self, document: Any, key: str) -> Any:
        """Spark writes numbers of JSON as Java does (1.0E7); those are taken from its variant instead, which keeps their digits."""
        call = self.f.anon
        text = call.element_at(call.from_json(document, sge.convert("map<string,string>")), sge.convert(key))
        if _PLAIN_KEY.fullmatch(key):
            text = call.get_json_object(document, sge.convert(f"$['{key}']"))
        if ("'" in key and '"' in key) or not key:
            return text
        sign = '"' if "'" in key else "'"
        found = call.variant_get(call.try_parse_json(document), sge.convert(f"$[{sign}{key}{sign}]"), sge.convert("variant"))
        number = call.lower(call.replace(call.string(found), sge.convert(".0E"), sge.convert("E")))
        is_number = sg.and_(
            call.rlike(text, sge.convert(_SCIENTIFIC)),
            sge.NEQ(this=call.schema_of_variant(found), expression=sge.convert("STRING")),
        )
        return self.if_(is_number, number, text)

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:  # noqa: N802
        if op.arg.dtype.is_floating() and to.is_string():
            return self._float_text(arg)
        if to.is_integer() and (op.arg.dtype.is_floating() or op.arg.dtype.is_decimal()):
            return self.cast(rounded(arg, whole=op.arg.dtype.is_decimal()), to)
        return super().visit_Cast(op, arg=arg, to=to)

    def _float_text(self, number: Any) -> Any:
        """As DuckDB writes it: Java turns to exponents at 10 million already."""
        call = self.f.anon
        text = call.string(number)
        plain = sg.and_(call.abs(number) >= sge.convert(0.0001), call.abs(number) < sge.convert(1e16))
        digits = call.regexp_replace(
            call.string(sg.cast(text, "DECIMAL(38, 20)", dialect=self.dialect)), sge.convert(r"(\.[0-9]+?)0+$"), sge.convert("$1")
        )
        small = call.regexp_replace(
            call.replace(call.lower(text), sge.convert(".0e"), sge.convert("e")), sge.convert(r"e([0-9])"), sge.convert(r"e+$1")
        )
        padded = call.regexp_replace(small, sge.convert(r"e([+-])([0-9])$"), sge.convert(r"e$10$2"))
        return self.if_(~call.contains(text, sge.convert("E")), text, self.if_(plain, digits, padded))

    def visit_Mean(self, op: Any, *, arg: Any, where: Any) -> Any:  # noqa: N802
        if op.arg.dtype.is_decimal():
            arg = self.cast(arg, dt.float64)
        return super().visit_Mean(op, arg=arg, where=where)

    def visit_Median(self, op: Any, *, arg: Any, where: Any) -> Any:  # noqa: N802
        """Ibis puts the share under the condition too, which Spark refuses."""
        return self.f.percentile(arg if where is None else self.if_(where, arg, NULL), sge.convert(0.5))

    def visit_BitOr(self, op: Any, *, arg: Any, where: Any) -> Any:  # noqa: N802
        """Ibis has no rule for it."""
        return self.f.anon.bit_or(arg if where is None else self.if_(where, arg, NULL))

    def visit_Divide(self, op: Any, *, left: Any, right: Any) -> Any:  # noqa: N802
        """A number with fraction; nothing, rather than a failure of the whole question, where it is divided by zero."""
        return self.f.anon.try_divide(self.cast(left, dt.float64), self.cast(right, dt.float64))

    def visit_TimestampTruncate(self, op: Any, *, arg: Any, unit: Any) -> Any:  # noqa: N802
        return self.cast(self.f.anon.date_trunc(unit.singular, arg), op.dtype)

    visit_DateTruncate = visit_TimestampTruncate  # noqa: N815

    def visit_ExtractMicrosecond(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
        """Microseconds within the second."""
        return self.cast(self.f.anon.pmod(self._micros(arg), sge.convert(1_000_000)), op.dtype)

    def visit_ExtractEpochSeconds(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
        """With their fraction, as DuckDB gives them."""
        return self._micros(arg) / self.cast(sge.convert(1_000_000), dt.float64)

    def _micros(self, instant: Any) -> Any:
        return self.f.anon.unix_micros(sge.Cast(this=instant, to=sge.DataType(this=sge.DataType.Type.TIMESTAMPLTZ)))

    def visit_TimestampDelta(self, op: Any, *, part: Any, left: Any, right: Any) -> Any:  # noqa: N802
        """How many borders of the unit lie between; Spark counts whole units instead."""
        unit = str(part.this)
        if unit.lower() != "microsecond":
            left, right = self.f.anon.date_trunc(unit, left), self.f.anon.date_trunc(unit, right)
        return self.f.anon.timestampdiff(sge.Var(this=unit.upper()), right, left)

    visit_DateDelta = visit_TimestampDelta  # noqa: N815


_compiler = _Compiler()
