"""A broker's sight ends with the last day of its mandate, not with the job that writes it down.

The day is the one the transaction announces with its viewer (portal.db); where none was announced, the date in
Paris by the server's clock, moved forward as far as a demonstration has advanced its calendar.

Safe on a live site: two functions.
"""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute("""
        CREATE FUNCTION business_day() RETURNS date
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
            SELECT coalesce(
                nullif(current_setting('portal.viewer_today', true), '')::date,
                (now() AT TIME ZONE 'Europe/Paris')::date
                    + coalesce((SELECT max(advanced_days)::integer FROM demo_calendar), 0)
            )
        $$
    """)
    _replace_viewer_assignors(" AND (ends_on IS NULL OR ends_on >= (SELECT business_day()))")


def downgrade() -> None:
    _replace_viewer_assignors("")
    op.execute("DROP FUNCTION business_day()")


def _replace_viewer_assignors(in_time: str) -> None:
    op.execute(f"""
        CREATE OR REPLACE FUNCTION viewer_assignors() RETURNS SETOF uuid
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
            SELECT viewer_organisation() WHERE viewer_kind() = 'assignor'
            UNION ALL
            SELECT assignor_id FROM mandate
            WHERE viewer_kind() = 'broker' AND broker_id = viewer_organisation()
              AND state = 'live'{in_time}
        $$
    """)
