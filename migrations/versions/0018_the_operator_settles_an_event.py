"""The operator marks a lender's message it has examined, with a note; what is left open is found by an index.

Safe on a live site: nullable columns, a partial index on few rows, and functions.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

STOPPED = "(event.outcome LIKE 'refused%' OR event.outcome LIKE 'waits%')"

TOLD = r"""
    SELECT event.id, lender.legal_name::text, request.reference::text,
           CASE WHEN event.body ->> 'status' ~ '^[a-z_]{1,40}$'
                THEN event.body ->> 'status' END,
           event.outcome::text, event.received_at%s
    FROM lender_event AS event
    JOIN organisation AS lender ON lender.id = event.lender_id
    JOIN submission ON submission.id = event.submission_id
    JOIN funding_request AS request ON request.id = submission.request_id
    WHERE viewer_kind() IN ('operator', 'system') AND %s
"""
COLUMNS = (
    "event_id uuid, lender_name text, request_reference text, kind text,"
    " outcome text, received_at timestamptz"
)


def upgrade() -> None:
    op.add_column("lender_event", sa.Column("examined_at", sa.DateTime(timezone=True)))
    op.add_column("lender_event", sa.Column("examined_by", sa.Uuid()))
    op.add_column("lender_event", sa.Column("examination", sa.Text()))
    op.create_index(
        "ix_lender_event_to_review",
        "lender_event",
        ["received_at"],
        postgresql_where=sa.text(
            "examined_at IS NULL AND (outcome LIKE 'refused%' OR outcome LIKE 'waits%')"
        ),
    )
    op.execute("DROP FUNCTION events_to_review()")
    _tell("events_to_review", COLUMNS, "", f"event.examined_at IS NULL AND {STOPPED}")
    _tell(
        "events_examined",
        f"{COLUMNS}, examined_at timestamptz, examination text",
        ", event.examined_at, event.examination",
        f"event.examined_at IS NOT NULL AND {STOPPED}",
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION events_examined()")
    op.execute("DROP FUNCTION events_to_review()")
    _tell("events_to_review", COLUMNS, "", STOPPED)
    op.drop_index("ix_lender_event_to_review", "lender_event")
    for column in ("examination", "examined_by", "examined_at"):
        op.drop_column("lender_event", column)


def _tell(name: str, columns: str, more: str, which: str) -> None:
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS TABLE ({columns})"
        " LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS"
        f" $$ {TOLD.replace('%s', more, 1).replace('%s', which, 1)} $$"
    )
