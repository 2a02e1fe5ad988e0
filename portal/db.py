"""The database at the door: column types, sessions, and who is looking.

Every transaction says for whom it reads (`Viewer`); PostgreSQL's row-level security does the filtering, so
that a forgotten filter shows nothing. The values are set with ``SET LOCAL`` semantics and die with the transaction.
"""

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVarTuple
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    DateTime,
    Engine,
    Enum,
    MetaData,
    Numeric,
    Result,
    Select,
    Text,
    create_engine,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, SessionTransaction, mapped_column

APP_ROLE = "portal_app"
ROWS_AT_ONCE = 500

Columns = TypeVarTuple("Columns")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        str: Text(),
        int: BigInteger(),  # whole cents fit, whatever the currency
        Decimal: Numeric(14, 10),  # rates, as fractions of one; money is whole cents
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(),
        list[Any]: JSONB(),
        list[str]: JSONB(),
        enum.Enum: Enum(
            enum.Enum,
            native_enum=False,
            create_constraint=False,
            length=40,
            values_callable=lambda kind: [member.value for member in kind],
        ),
    }


class Identified(Base):
    """A row with an identifier of its own, made by the application."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)


class ViewerKind(enum.StrEnum):
    """On whose behalf a transaction reads and writes."""

    NOBODY = "nobody"
    DOOR = "door"
    ASSIGNOR = "assignor"
    LENDER = "lender"
    BROKER = "broker"
    OPERATOR = "operator"
    DEBTOR = "debtor"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whose rows a transaction may see: an organisation, and the member acting for it.

    ``DOOR`` sees only what signing in needs. ``SYSTEM`` sees every tenant: jobs use it, pages never do.
    ``DEBTOR`` sees what one signed link covers (``link_id``), and reads only.
    ``today`` is the business day on which mandates and links are judged; without it, the database's own.
    """

    kind: ViewerKind
    organisation_id: UUID | None = None
    member_id: UUID | None = None
    today: date | None = None
    link_id: UUID | None = None


NOBODY = Viewer(ViewerKind.NOBODY)
DOOR = Viewer(ViewerKind.DOOR)
SYSTEM = Viewer(ViewerKind.SYSTEM)


def app_url(database_url: str, password: str) -> str:
    """The same database, reached as the role that cannot bypass row-level security."""
    url = make_url(database_url).set(drivername="postgresql+psycopg", username=APP_ROLE)
    return url.set(password=password).render_as_string(hide_password=False)


def owner_url(database_url: str) -> str:
    """The owner's address in the dialect SQLAlchemy uses here."""
    url = make_url(database_url).set(drivername="postgresql+psycopg")
    return url.render_as_string(hide_password=False)


def connect(url: str, *, pool_size: int = 5) -> Engine:
    """An engine whose sessions run in UTC and never wait for ever."""
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        connect_args={"options": "-c timezone=UTC -c statement_timeout=30000"},
    )


def open_session(bind: Engine | Connection, viewer: Viewer = NOBODY, **options: Any) -> Session:
    """A session that looks through ``viewer``'s eyes in each of its transactions."""
    session = Session(bind, expire_on_commit=False, **options)
    session.info["viewer"] = viewer
    return session


def look_as(session: Session, viewer: Viewer) -> None:
    """Change the eyes of a session, from now on and in its later transactions."""
    session.info["viewer"] = viewer
    if session.in_transaction():
        session.flush()
        _announce(session.connection(), viewer)
        session.expire_all()


@contextmanager
def transaction(bind: Engine | Connection, viewer: Viewer) -> Iterator[Session]:
    """One transaction for one viewer: committed at the end, undone by any exception."""
    with open_session(bind, viewer) as session, session.begin():
        yield session


def streamed(session: Session, query: Select[*Columns]) -> Result[*Columns]:
    """The rows as the server hands them over, ``ROWS_AT_ONCE`` in memory at a time: for whole tables."""
    found = session.execute(query, execution_options={"yield_per": ROWS_AT_ONCE})
    session.info.setdefault("streamed", []).append(found)
    return found


def end_streams(session: Session) -> None:
    """Close what `streamed` opened and nobody read to its end."""
    for found in session.info.pop("streamed", ()):
        found.close()


@event.listens_for(Session, "after_begin")
def _look_through_the_viewers_eyes(
    session: Session, _transaction: SessionTransaction, connection: Connection
) -> None:
    _announce(connection, session.info.get("viewer", NOBODY))


def _announce(connection: Connection, viewer: Viewer) -> None:
    connection.execute(
        text(
            "SELECT set_config('portal.viewer_kind', :kind, true),"
            " set_config('portal.viewer_organisation', :organisation, true),"
            " set_config('portal.viewer_member', :member, true),"
            " set_config('portal.viewer_today', :today, true),"
            " set_config('portal.viewer_link', :link, true)"
        ),
        {
            "kind": viewer.kind.value,
            "organisation": str(viewer.organisation_id or ""),
            "member": str(viewer.member_id or ""),
            "today": viewer.today.isoformat() if viewer.today else "",
            "link": str(viewer.link_id or ""),
        },
    )
