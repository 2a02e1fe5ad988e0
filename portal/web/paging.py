"""Lists cut into pages by the database."""

from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

PER_PAGE = 25
PAGE_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: what the ``pagination`` macro reads, and the rows."""

    number: int
    pages: int
    total: int
    per_page: int
    rows: list[Any]


def asked_page() -> int:
    """The page number of the address, 1 when absent or unreadable."""
    given = request.args.get("page", default=1, type=int) or 1
    return min(max(given, 1), PAGE_MAX)


def cut(
    session: Session,
    query: Select[*tuple[Any, ...]],
    *,
    number: int,
    per_page: int = PER_PAGE,
    scalars: bool = True,
) -> Page:
    """The rows of one page, with how many there are in all; a page past the end is the last one."""
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    pages = max(-(-total // per_page), 1)
    here = min(number, pages)
    part = query.limit(per_page).offset((here - 1) * per_page)
    found = session.scalars(part) if scalars else session.execute(part)
    return Page(here, pages, total, per_page, list(found))
