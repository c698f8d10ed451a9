"""The API keeps what its description promises: whatever is asked, and for a client that knows the description alone."""

from __future__ import annotations

from collections import Counter
from http import HTTPStatus
from typing import Any

import httpx
import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from nianbao.questions import QUESTIONS, Question, question
from tests.patience import PATIENCE

EXAMPLES = 6  # of each question, of what it takes and of what it does not
#: drawn at random they name nothing, and nothing would be answered
NAMES = frozenset({"as_of", "cursor", "place", "portal", "agency", "since", "until", "code", "codes", "years"})


@pytest.fixture(scope="module")
def description(api: httpx.Client) -> Any:
    return httpx.get(str(api.base_url.join("/openapi.json")), timeout=PATIENCE).json()


@pytest.mark.nightly
def test_whatever_is_asked_the_answer_is_one_that_the_description_has(api: httpx.Client) -> None:
    import schemathesis

    schema = schemathesis.openapi.from_url(str(api.base_url.join("/openapi.json")))
    statuses: Counter[tuple[bool, int]] = Counter()
    for operation in (one.ok() for one in schema.get_all_operations()):
        example = dict(question(operation.path.rpartition("/")[2]).example)
        for mode in schemathesis.GenerationMode:
            _hold(operation, mode, mode is schemathesis.GenerationMode.POSITIVE, example, statuses)
    assert statuses[True, 200] > len(QUESTIONS)
    assert statuses[False, 422] > len(QUESTIONS)


def _hold(operation: Any, mode: Any, fits: bool, example: dict[str, Any], statuses: Counter[tuple[bool, int]]) -> None:
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    held = [not_a_server_error, checks.status_code_conformance, checks.content_type_conformance]
    held += [checks.response_schema_conformance, checks.negative_data_rejection]

    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[*HealthCheck],
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        if fits:  # what is no name stays as it was drawn
            case.query = {key: value for key, value in (case.query or {}).items() if key not in NAMES} | example
        answer = case.call()
        statuses[fits, answer.status_code] += 1
        too_long = answer.status_code == HTTPStatus.REQUEST_URI_TOO_LONG  # whatever else is wrong with it
        case.validate_response(answer, checks=held[:-1] if too_long else held)

    ask()


@pytest.mark.parametrize("one", QUESTIONS, ids=lambda one: one.name)
def test_a_client_that_knows_the_description_alone_reads_every_answer(
    api: httpx.Client, description: Any, one: Question
) -> None:
    """What a client generated from it relies on: JSON is the first kind of answer, with a schema that the answer to
    the example keeps; pages lead to pages; an error keeps the schema of errors.
    """
    route = description["paths"][f"/api/v1/{one.name}"]["get"]
    assert route["operationId"] == one.name
    example = dict(route["x-example"])
    assert example.keys() <= {parameter["name"] for parameter in route["parameters"]}
    kinds = route["responses"]["200"]["content"]
    assert next(iter(kinds)) == "application/json"
    if one.is_list:
        example["limit"] = 3
    first, schema = api.get(one.name, params=example).json(), kinds["application/json"]["schema"]
    _keeps(first, schema, description)
    assert "freshness" in description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
    if first.get("next"):
        second = api.get(one.name, params={**example, "cursor": first["next"]}).json()
        _keeps(second, schema, description)
        assert second["as_of"] == first["as_of"]
    wrong = api.get(one.name, params={**example, "no_such_parameter": "x"})
    assert wrong.status_code == 422
    [(kind, problem)] = route["responses"]["422"]["content"].items()
    assert wrong.headers["content-type"] == kind
    _keeps(wrong.json(), problem["schema"], description)


def _keeps(answer: Any, schema: Any, description: Any) -> None:
    whole = {**schema, "components": description["components"]}
    jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(answer)
