"""Reading the worked cases that stand beside the checkout."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import shared_directory

Case = dict[str, Any]


def worked_cases(*kinds: str) -> list[Any]:
    shared = shared_directory()
    if shared is None:
        return [pytest.param({}, id="absent")]
    cases = json.loads((shared / "domain" / "cases.json").read_text("utf-8"))
    return [pytest.param(case, id=case["id"]) for case in cases if case["kind"] in kinds]


def each_case(*kinds: str) -> Any:
    return pytest.mark.parametrize("case", worked_cases(*kinds))


day = date.fromisoformat


def percent(rate: Decimal | None, decimals: int = 4) -> str:
    assert rate is not None
    return str(round(rate * 100, decimals).quantize(Decimal(1).scaleb(-decimals)))


def fraction(inputs: Case, *names: str) -> str:
    return str(sum(Decimal(inputs[name]) for name in names) / 100)
