"""The OpenAPI document says what is sent: every operation its rule, its answer, its errors; numbers as numbers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import Client


@pytest.fixture
def document(client: Client) -> dict[str, Any]:
    answer = client().get("/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_every_operation_tells_its_rule_its_answer_and_its_errors(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            name = f"{method} {path}"
            assert ("x-permission" in operation) != ("x-public" in operation), name
            assert operation["summary"], name
            assert operation["description"], name
            good = next(code for code in operation["responses"] if code.startswith("2"))
            assert operation["responses"][good]["content"], name
            problem = operation["responses"]["4XX"]["content"]["application/problem+json"]["schema"]
            assert problem == {"$ref": "#/components/schemas/ProblemDetails"}, name
            assert "422" not in operation["responses"], name


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [ref for value in node.values() for ref in references(value)]
        return [ref for value in node for ref in references(value)] if isinstance(node, list) else []

    schemas = document["components"]["schemas"]
    assert {ref.removeprefix("#/components/schemas/") for ref in references(document)} <= set(schemas)


def test_decimals_and_durations_are_documented_as_the_numbers_they_are(document: dict[str, Any]) -> None:
    seen = document["components"]["schemas"]["Seen"]["properties"]

    assert (seen["share"]["type"], seen["wait"]["type"]) == ("number", "number")
    assert document["paths"]["/v1/seen"]["get"]["responses"]["200"]["content"]["application/json"]["example"]["money"] == {
        "minor": 1999,
        "currency": "CNY",
    }


def test_writes_take_an_idempotency_key(document: dict[str, Any]) -> None:
    names = [parameter["name"] for parameter in document["paths"]["/v1/counts"]["post"]["parameters"]]

    assert "Idempotency-Key" in names
