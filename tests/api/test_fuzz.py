"""Whatever schemathesis makes of the OpenAPI document: nothing answers 5xx, or what is not declared."""

import re
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.people import API, machine
from tests.api.things import everything
from tests.noor import Noor

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
FEW = 10
QUIET = {"deadline": None, "database": None, "derandomize": True, "phases": [Phase.generate]}


def fuzz(app: Flask, noor: Noor, mode: GenerationMode, examples: int) -> int:
    """Ask every route what `mode` makes of it, of things that are there where it names them. Returns how often."""
    ids = everything(app, noor.business_id)
    headers = {"Authorization": f"Bearer {machine(app, noor.business_id, 'admin').bearer}"}
    schema = schemathesis.openapi.from_wsgi(f"{API}/openapi.json", app)
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        names = re.findall(r"{(\w+)}", operation.path)
        for there in ({name: str(ids[name]) for name in names}, {}) if names else ({},):
            strategy = operation.as_strategy(generation_mode=mode, path_parameters=there or None)

            @settings(max_examples=examples, suppress_health_check=list(HealthCheck), **QUIET)
            @given(case=strategy)
            def ask(case: Case) -> None:
                nonlocal asked
                asked += 1
                case.call_and_validate(headers=headers, checks=CHECKS)

            ask()
    return asked


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_route_answers_as_it_says(app: Flask, noor: Noor, mode: GenerationMode) -> None:
    assert fuzz(app, noor, mode, FEW) > 200


@pytest.mark.long
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_route_answers_as_it_says_at_length(app: Flask, noor: Noor, mode: GenerationMode) -> None:
    assert fuzz(app, noor, mode, 300) > 5000
