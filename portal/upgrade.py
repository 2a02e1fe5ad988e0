"""Bringing a database to the present version of the product, and the role the application connects as."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, pool, text

from portal.config import Settings
from portal.db import APP_ROLE, app_url, owner_url

MIGRATIONS = Path(__file__).parent.parent / "migrations"
ONE_UPGRADE_AT_A_TIME = 7_201_331


class UnsafeDatabaseRole(Exception):
    """The application's role could bypass row-level security."""


def application_url(settings: Settings) -> str:
    """Where the application connects: as given, or derived from the owner's address."""
    return settings.database_app_url or app_url(
        settings.database_url, settings.derive_secret("database role")
    )


def bring_up_to_date(settings: Settings) -> None:
    """Create the application's role if it is missing, and apply every migration; safe to repeat."""
    engine = create_engine(owner_url(settings.database_url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"SELECT pg_advisory_lock({ONE_UPGRADE_AT_A_TIME})"))
        connection.commit()
        _ensure_application_role(connection, settings.derive_secret("database role"))
        command.upgrade(alembic_config(connection), "head")


def measure_tables(settings: Settings) -> None:
    """Let the planner know what the tables hold; needed after many rows entered at once."""
    engine = create_engine(owner_url(settings.database_url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()


def alembic_config(connection: Connection) -> Config:
    """Alembic, working on an open connection of the owner."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def refuse_unsafe_role(connection: Connection) -> None:
    """Stop rather than serve as a role to which row-level security would not apply.

    Raises:
        UnsafeDatabaseRole: the role is a superuser, bypasses the policies, or owns tables.
    """
    unsafe = connection.scalar(
        text(
            "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT 1 FROM pg_tables"
            " WHERE schemaname = 'public' AND tableowner = current_user)"
            " FROM pg_roles WHERE rolname = current_user"
        )
    )
    if unsafe:
        raise UnsafeDatabaseRole(
            "the application's database role can bypass row-level security;"
            f" connect as '{APP_ROLE}' (DATABASE_APP_URL), or leave DATABASE_APP_URL empty"
        )


def _ensure_application_role(connection: Connection, password: str) -> None:
    known = connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :n"), {"n": APP_ROLE})
    verb = "ALTER" if known else "CREATE"
    connection.exec_driver_sql(
        f"{verb} ROLE {APP_ROLE} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"
        f" PASSWORD '{password}'"
    )
    connection.commit()
