"""The OpenAPI document of the whole house: every operation says what it takes, answers and refuses, by true examples."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from docs.writers.doors import openapi

Operation = dict[str, Any]


def operations() -> list[tuple[str, Operation]]:
    """Every operation by `GET /v1/metrics`."""
    return [
        (f"{method.upper()} {path}", operation) for path, found in openapi()["paths"].items() for method, operation in found.items()
    ]


def of_each_operation() -> Any:
    return pytest.mark.parametrize(("name", "operation"), [pytest.param(*pair, id=pair[0]) for pair in operations()])


def differences(schema: dict[str, Any], value: Any) -> list[str]:
    """Where a value is not what a schema of the document says."""
    whole = {"components": openapi()["components"], "allOf": [schema]}
    validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    return [f"{'.'.join(map(str, error.instance_path))}: {error.message}" for error in validator.iter_errors(value)]


def unknown_names(schema: dict[str, Any], value: Any) -> list[str]:
    """Names of an example that its schema does not tell, so that a renamed field cannot leave an old example behind."""
    schemas = openapi()["components"]["schemas"]
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[-1]]
    if isinstance(value, list):
        return [name for item in value for name in unknown_names(schema.get("items") or {}, item)]
    known = schema.get("properties")
    if not isinstance(value, dict) or not known:
        return []
    inner = [name for key, item in value.items() if key in known for name in unknown_names(known[key], item)]
    return sorted(set(value) - set(known)) + inner


def answers(operation: Operation) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Status, media type and form of every good answer that has a body."""
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            for media, form in (response.get("content") or {}).items():
                yield status, media, form


@of_each_operation()
def test_an_operation_says_what_it_does_where_it_belongs_and_who_may_call_it(name: str, operation: Operation) -> None:
    assert operation["summary"].strip()
    assert operation["description"].strip()
    assert operation["tags"]
    assert ("x-permission" in operation) != ("x-public" in operation)
    assert ("security" in operation) == ("x-public" in operation)
    assert operation.get("x-permission", operation.get("x-public"))


@of_each_operation()
def test_every_parameter_is_described(name: str, operation: Operation) -> None:
    assert [each["name"] for each in operation.get("parameters", []) if not each.get("description")] == []


@of_each_operation()
def test_the_example_of_an_answer_is_such_an_answer(name: str, operation: Operation) -> None:
    found = list(answers(operation))

    if not found:
        assert "204" in operation["responses"] or name.startswith("OPTIONS ")
    for _, media, form in found:
        if media == "application/json":
            assert form["schema"]
            assert differences(form["schema"], form["example"]) == []
            assert unknown_names(form["schema"], form["example"]) == []
        else:
            assert form["schema"] == {"type": "string"}
    assert not found or any("example" in form for _, _, form in found)


@of_each_operation()
def test_the_example_of_a_body_is_such_a_body(name: str, operation: Operation) -> None:
    content = operation.get("requestBody", {}).get("content", {})

    if "application/json" in content:
        form = content["application/json"]
        assert differences(form["schema"], form["example"]) == []
        assert unknown_names(form["schema"], form["example"]) == []
    else:
        assert set(content) <= {"multipart/form-data"}


@of_each_operation()
def test_refusals_are_documented_as_problems(name: str, operation: Operation) -> None:
    if operation["tags"] == ["Event intake"]:  # SDKs read another form; see tests/collect/track/test_described.py
        return
    for status in ("401", "403", "4XX", "5XX"):
        form = operation["responses"][status]["content"]["application/problem+json"]
        assert form["schema"] == {"$ref": "#/components/schemas/ProblemDetails"}
        assert operation["responses"][status]["description"]


def test_operation_ids_are_unique_words() -> None:
    ids = Counter(operation["operationId"] for _, operation in operations())

    assert [found for found, times in ids.items() if times > 1] == []
    assert [found for found in ids if not re.fullmatch(r"(get|post|put|patch|delete|options)(_[a-z]+)+", found)] == []


def test_the_example_of_a_problem_is_a_problem() -> None:
    problem = openapi()["components"]["schemas"]["ProblemDetails"]

    assert differences(problem, problem["example"]) == []


def test_a_wrong_example_would_be_seen() -> None:
    form = openapi()["paths"]["/v1/metrics/span"]["get"]["responses"]["200"]["content"]["application/json"]

    assert differences(form["schema"], form["example"] | {"orders": "many"})
    assert unknown_names(form["schema"], form["example"] | {"ordres": 1}) == ["ordres"]


def test_schemas_are_named_by_what_they_are_not_by_where_their_code_is() -> None:
    assert [name for name in openapi()["components"]["schemas"] if "__" in name] == []
