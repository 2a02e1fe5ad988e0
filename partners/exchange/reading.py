"""Strict readers of what a partner writes: a wrong type is an unreadable message."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

TEXT_CHARS_MAX = 2_000
LIST_ITEMS_MAX = 200
CENTS_MAX = 10**14


class UnreadableMessage(ValueError):
    """A message, or one of its fields, is not what the contract says."""


def read_json_object(body: bytes) -> dict[str, Any]:
    """A JSON object whose fractions are `Decimal`.

    Raises:
        UnreadableMessage: not UTF-8 JSON, not an object, or nested beyond reason.
    """
    try:
        read = json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise UnreadableMessage("the message is not JSON") from error
    if not isinstance(read, dict):
        raise UnreadableMessage("the message is not a JSON object")
    return read


def read_text(fields: Mapping[str, Any], name: str) -> str:
    """A text that must be there and not be empty."""
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip():
        raise UnreadableMessage(f"'{name}' must be a text")
    return value.strip()[:TEXT_CHARS_MAX]


def read_optional_text(fields: Mapping[str, Any], name: str) -> str | None:
    """A text, or None when it is absent or null."""
    return None if fields.get(name) is None else read_text(fields, name)


def read_object(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A JSON object that must be there."""
    value = fields.get(name)
    if not isinstance(value, Mapping):
        raise UnreadableMessage(f"'{name}' must be an object")
    return value


def read_list(fields: Mapping[str, Any], name: str) -> list[Any]:
    """A JSON array of at most `LIST_ITEMS_MAX`; absent or null is an empty one."""
    value = fields.get(name)
    if value is not None and not isinstance(value, list):
        raise UnreadableMessage(f"'{name}' must be an array")
    if value is not None and len(value) > LIST_ITEMS_MAX:
        raise UnreadableMessage(f"'{name}' holds at most {LIST_ITEMS_MAX} items")
    return value or []


def read_objects(fields: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """A JSON array of objects; absent or null is an empty one."""
    values = read_list(fields, name)
    if not all(isinstance(value, Mapping) for value in values):
        raise UnreadableMessage(f"'{name}' must be an array of objects")
    return values


def read_cents(fields: Mapping[str, Any], name: str, *, low: int = 0) -> int:
    """A whole number of cents, at least `low`."""
    value = fields.get(name)
    if type(value) is not int or not low <= value <= CENTS_MAX:
        raise UnreadableMessage(f"'{name}' must be a whole number of cents")
    return value


def read_count(fields: Mapping[str, Any], name: str) -> int | None:
    """A whole number from zero, or None when absent."""
    return None if fields.get(name) is None else read_cents(fields, name)


def read_rate(fields: Mapping[str, Any], name: str, *, high: Decimal) -> Decimal | None:
    """A fraction of one between zero and `high`, written as text or number; None when absent."""
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise UnreadableMessage(f"'{name}' must be a decimal")
    try:
        rate = Decimal(value)
    except InvalidOperation as error:
        raise UnreadableMessage(f"'{name}' must be a decimal") from error
    if not rate.is_finite() or not 0 <= rate <= high:
        raise UnreadableMessage(f"'{name}' is a fraction of one, between 0 and {high}")
    return rate


def read_flag(fields: Mapping[str, Any], name: str) -> bool:
    """True or false, nothing else."""
    value = fields.get(name)
    if not isinstance(value, bool):
        raise UnreadableMessage(f"'{name}' must be true or false")
    return value


def read_day(fields: Mapping[str, Any], name: str) -> date:
    """A date written YYYY-MM-DD."""
    try:
        return date.fromisoformat(read_text(fields, name))
    except ValueError as error:
        raise UnreadableMessage(f"'{name}' must be a date, as 2026-12-31") from error


def read_instant(fields: Mapping[str, Any], name: str) -> datetime:
    """An instant with its offset, returned in UTC."""
    try:
        instant = datetime.fromisoformat(read_text(fields, name))
    except ValueError as error:
        raise UnreadableMessage(f"'{name}' must be an instant") from error
    if instant.tzinfo is None:
        raise UnreadableMessage(f"'{name}' must state its offset, as 2026-12-31T09:00:00Z")
    return instant.astimezone(UTC)


def _refuse_constant(constant: str) -> None:
    raise UnreadableMessage(f"{constant} is not JSON")
