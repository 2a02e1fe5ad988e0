"""How far something outside was read, remembered with what was read."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.messages.models import ReadingPosition


def position_of(session: Session, source: str, *, mark: str = "") -> int:
    """The last position read; 0 at the start, or when the source's mark is another one."""
    known = session.scalar(
        select(ReadingPosition.position).where(
            ReadingPosition.source == source, ReadingPosition.mark == mark
        )
    )
    return known or 0


def move_position(session: Session, source: str, position: int, *, mark: str = "") -> None:
    """Remember a position; never moves back while the mark is the same."""
    start = insert(ReadingPosition).values(source=source, mark=mark, position=position)
    held = ReadingPosition
    session.execute(
        start.on_conflict_do_update(
            index_elements=["source"],
            set_={"mark": mark, "position": position},
            where=(held.mark != mark) | (func.greatest(held.position, position) > held.position),
        )
    )
