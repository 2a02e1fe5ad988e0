"""The job queue's own tables (procrastinate), used by the application role.

Jobs carry identifiers only, never a tenant's data: these tables need no row-level security.

Safe on a live site: new tables only.
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    cursor = op.get_bind().connection.cursor()
    cursor.execute(SchemaManager.get_schema())
    op.execute("""
        DO $$ DECLARE name text; BEGIN
            FOR name IN SELECT tablename FROM pg_tables
                        WHERE schemaname = 'public' AND tablename LIKE 'procrastinate%' LOOP
                EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO portal_app', name);
            END LOOP;
            FOR name IN SELECT sequencename FROM pg_sequences
                        WHERE schemaname = 'public' AND sequencename LIKE 'procrastinate%' LOOP
                EXECUTE format('GRANT USAGE, SELECT ON %I TO portal_app', name);
            END LOOP;
        END $$;
    """)


def downgrade() -> None:
    op.execute("""
        DO $$ DECLARE item record; BEGIN
            FOR item IN SELECT tablename FROM pg_tables
                        WHERE schemaname = 'public' AND tablename LIKE 'procrastinate%' LOOP
                EXECUTE format('DROP TABLE %I CASCADE', item.tablename);
            END LOOP;
            FOR item IN SELECT p.oid::regprocedure AS signature FROM pg_proc p
                        WHERE p.pronamespace = 'public'::regnamespace
                          AND p.proname LIKE 'procrastinate%' LOOP
                EXECUTE 'DROP FUNCTION ' || item.signature || ' CASCADE';
            END LOOP;
            FOR item IN SELECT t.typname FROM pg_type t
                        WHERE t.typnamespace = 'public'::regnamespace
                          AND t.typname LIKE 'procrastinate%' LOOP
                EXECUTE format('DROP TYPE IF EXISTS %I CASCADE', item.typname);
            END LOOP;
        END $$;
    """)
