"""The OpenAPI document of the whole house: every operation says what it takes, answers and refuses, by true examples."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema_rs
from docs.writers.doors import openapi

Operation = dict[str, Any]


def operations() -> list[tuple[str, Operation]]:
    """Every operation by `GET /v1/metrics`."""
    return [
        (f"{method.upper()} {path}", operation) for path, found in openapi()["paths"].items() for method, operation in found.items()
    ]


def each(found: Callable[[str, Operation], object]) -> dict[str, object]:
    """What is wrong, by operation. One test asks all of them: a document of hundreds need not be made to collect the tests."""
    return {name: wrong for name, operation in operations() if (wrong := found(name, operation))}


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


def test_an_operation_says_what_it_does_where_it_belongs_and_who_may_call_it() -> None:
    def unsaid(_: str, operation: Operation) -> list[str]:
        wrong = [part for part in ("summary", "description") if not operation[part].strip()] + ["tags"] * (not operation["tags"])
        public = "x-public" in operation
        if ("x-permission" in operation) == public or ("security" in operation) != public:
            wrong.append("permission")
        return wrong + ["caller"] * (not operation.get("x-permission", operation.get("x-public")))

    assert each(unsaid) == {}


def test_every_parameter_is_described() -> None:
    assert each(lambda _, op: [one["name"] for one in op.get("parameters", []) if not one.get("description")]) == {}


def test_the_example_of_an_answer_is_such_an_answer() -> None:
    def wrong(name: str, operation: Operation) -> list[str]:
        forms = list(answers(operation))
        if not forms:
            return [] if "204" in operation["responses"] or name.startswith("OPTIONS ") else ["no answer"]
        found = [] if any("example" in form for _, _, form in forms) else ["no example"]
        for _, media, form in forms:
            if media == "application/json":
                found += ["no schema"] * (not form["schema"])
                found += differences(form["schema"], form["example"]) + unknown_names(form["schema"], form["example"])
            elif form["schema"] != {"type": "string"}:
                found.append(f"{media} is not text")
        return found

    assert each(wrong) == {}


def test_the_example_of_a_body_is_such_a_body() -> None:
    def wrong(_: str, operation: Operation) -> list[str]:
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            return sorted(set(content) - {"multipart/form-data"})
        form = content["application/json"]
        return differences(form["schema"], form["example"]) + unknown_names(form["schema"], form["example"])

    assert each(wrong) == {}


def test_refusals_are_documented_as_problems() -> None:
    def wrong(_: str, operation: Operation) -> list[str]:
        if operation["tags"] == ["Event intake"]:  # SDKs read another form; see tests/collect/track/test_described.py
            return []
        problem = {"$ref": "#/components/schemas/ProblemDetails"}
        told = {status: operation["responses"][status] for status in ("401", "403", "4XX", "5XX")}
        return [
            status
            for status, answer in told.items()
            if answer["content"]["application/problem+json"]["schema"] != problem or not answer["description"]
        ]

    assert each(wrong) == {}


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
