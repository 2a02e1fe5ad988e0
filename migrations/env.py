"""Runs migrations one transaction each, never waiting long for a lock on a live site."""

from alembic import context
from sqlalchemy import Connection, create_engine, pool, text

from portal.tables import metadata

LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "10min"


def not_ours(name: str | None, kind: str) -> bool:
    """Whether a table belongs to the job queue, which keeps its own history."""
    return kind == "table" and (name or "").startswith("procrastinate_")


def run(connection: Connection) -> None:
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        compare_type=True,
        include_name=lambda name, kind, _parents: not not_ours(name, kind),
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    with engine.connect() as opened:
        run(opened)
