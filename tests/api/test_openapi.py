"""The description says what the service does, no more and no less."""

import json
import re
from typing import Any

import msgspec
from storefronts import make_app

from recommender.api.recommendations import Answer, Parameters

LIST = "/v1/recommendations/{scenario}"


def described() -> dict[str, Any]:
    found = make_app().test_client().get("/openapi.json").get_json()
    assert isinstance(found, dict)
    return found


def references(part: Any) -> set[str]:
    return set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(part)))


def test_every_route_and_method_is_described() -> None:
    app = make_app()
    paths = described()["paths"]
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert method.lower() in paths[re.sub(r"<(\w+)>", r"{\1}", rule.rule)]


def test_it_is_openapi_3_1_and_every_reference_leads_somewhere() -> None:
    document = described()
    assert document["openapi"].startswith("3.1")
    for reference in references(document):
        part: Any = document
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]
        assert part


def test_every_parameter_of_the_call_is_described_with_its_limits() -> None:
    parameters = {p["name"]: p for p in described()["paths"][LIST]["get"]["parameters"] if p["in"] == "query"}
    assert set(parameters) == {field.name for field in msgspec.structs.fields(Parameters)}
    assert parameters["size"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 100}
    assert parameters["repeat"]["schema"]["enum"] == ["allow", "auto", "forbid"]
    assert parameters["exclude"]["schema"]["maxItems"] == 1000
    assert all(p["description"] for p in parameters.values())


def test_keys_are_described_where_they_are_asked_for() -> None:
    paths = described()["paths"]
    assert {"browser": []} in paths[LIST]["get"]["security"]
    assert paths["/healthz"]["get"]["security"] == []


def test_the_answer_has_exactly_the_described_fields() -> None:
    schema = described()["components"]["schemas"]
    answer = make_app().test_client().get("/v1/recommendations/home?size=1")
    assert set(answer.get_json()) == set(schema["Answer"]["properties"]) - {"explanation"}  # only where it is asked for
    assert set(answer.get_json()["items"][0]) == set(schema["AnswerItem"]["properties"])
    assert {"type": "number"} in schema["AnswerItem"]["properties"]["price"]["anyOf"]
    assert msgspec.json.decode(answer.data, type=Answer).items[0].item_id == "i1"


def test_every_operation_lists_the_problems_it_may_give() -> None:
    responses = described()["paths"][LIST]["post"]["responses"]
    assert {"200", "400", "401", "403", "404", "405", "408", "413", "415", "429", "500", "503"} == set(responses)
    for status, response in responses.items():
        kind = "application/json" if status == "200" else "application/problem+json"
        assert list(response["content"]) == [kind]
