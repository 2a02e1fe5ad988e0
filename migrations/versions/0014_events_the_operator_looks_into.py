"""The operator learns that a lender's message could not be applied, and why; never what it says.

A lender's answer stays between that lender and the assignor: the function gives who spoke, of which request,
the kind of message and the code, and no row of the table itself.

Safe on a live site: one function.
"""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute(r"""
        CREATE FUNCTION events_to_review()
        RETURNS TABLE (
            event_id uuid, lender_name text, request_reference text, kind text,
            outcome text, received_at timestamptz
        )
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
            SELECT event.id, lender.legal_name::text, request.reference::text,
                   CASE WHEN event.body ->> 'status' ~ '^[a-z_]{1,40}$'
                        THEN event.body ->> 'status' END,
                   event.outcome::text, event.received_at
            FROM lender_event AS event
            JOIN organisation AS lender ON lender.id = event.lender_id
            JOIN submission ON submission.id = event.submission_id
            JOIN funding_request AS request ON request.id = submission.request_id
            WHERE viewer_kind() IN ('operator', 'system')
              AND (event.outcome LIKE 'refused%' OR event.outcome LIKE 'waits%')
        $$
    """)


def downgrade() -> None:
    op.execute("DROP FUNCTION events_to_review()")
