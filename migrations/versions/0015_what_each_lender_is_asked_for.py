"""A lender is asked for its part of a request, and reads live rows only while it is in the race.

``submission_line`` says which receivables each submission carries, and which its lender's rules left out; a
lender sees the former only. A grant belongs to a submission and ends with it. Once a submission is over its
lender keeps the summary of the dossier as it was sent, and sees neither receivables, nor debtors, nor payments.

Safe on a live site: one new table and nullable or defaulted columns; existing submissions are given all the
lines of their request, which is what they carried.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"

KIND = "(SELECT viewer_kind())"
ME = "(SELECT viewer_organisation())"
SYSTEM = f"({KIND} = 'system')"
LENDER = f"({KIND} = 'lender')"
OWN = f"{SYSTEM} OR (assignor_id = ANY (ARRAY(SELECT viewer_assignors())))"
GIVEN_BY_ITS_OWNER = "owner_id = ANY (ARRAY(SELECT viewer_assignors()))"
LIVE = "('sent', 'unanswered', 'received', 'info_requested', 'offered')"
NEVER_REACHED = "('prepared', 'policy_blocked', 'delivery_failed')"
OVER = "('declined', 'duplicate', 'expired', 'withdrawn')"
VERBS = (("insert", "WITH CHECK"), ("update", "USING"), ("delete", "USING"))

SIGHT = f"""
CREATE OR REPLACE FUNCTION viewer_requests() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT request_id FROM submission
    WHERE viewer_kind() = 'lender' AND lender_id = viewer_organisation() AND state IN {LIVE}
$$;

CREATE FUNCTION viewer_lines() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT part.line_id FROM submission_line AS part
    JOIN submission ON submission.id = part.submission_id
    WHERE viewer_kind() = 'lender' AND submission.lender_id = viewer_organisation()
      AND submission.state IN {LIVE} AND NOT part.left_out
$$;

CREATE OR REPLACE FUNCTION viewer_receivables() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT receivable_id FROM funding_line WHERE id IN (SELECT viewer_lines())
$$;

CREATE OR REPLACE FUNCTION viewer_granted_documents() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT given.document_id FROM document_grant AS given
    JOIN submission ON submission.id = given.submission_id
    WHERE given.organisation_id = viewer_organisation() AND given.ended_at IS NULL
      AND submission.state NOT IN {OVER}
$$;
"""

SIGHT_BEFORE = f"""
CREATE OR REPLACE FUNCTION viewer_requests() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT request_id FROM submission
    WHERE viewer_kind() = 'lender' AND lender_id = viewer_organisation()
      AND state NOT IN {NEVER_REACHED}
$$;

CREATE OR REPLACE FUNCTION viewer_receivables() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT receivable_id FROM funding_line WHERE request_id IN (SELECT viewer_requests())
$$;

CREATE OR REPLACE FUNCTION viewer_granted_documents() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT document_id FROM document_grant WHERE organisation_id = viewer_organisation()
$$;
"""

CARRY_WHAT_WAS_SENT = """
INSERT INTO submission_line (id, submission_id, line_id, assignor_id, lender_id, left_out, findings)
SELECT gen_random_uuid(), submission.id, line.id, submission.assignor_id, submission.lender_id, false, '[]'
FROM submission JOIN funding_line AS line ON line.request_id = submission.request_id
WHERE submission.state <> 'policy_blocked';

UPDATE submission SET face_cents = request.face_total_cents
FROM funding_request AS request
WHERE request.id = submission.request_id AND submission.state <> 'policy_blocked';

UPDATE submission SET summary = jsonb_build_object(
    'reference', request.reference, 'currency', request.currency, 'note', request.note,
    'assignor', jsonb_build_object('name', assignor.legal_name, 'siren', assignor.siren),
    'asked', (SELECT count(*) FROM funding_line AS line WHERE line.request_id = request.id),
    'left_out', '[]'::jsonb,
    'receivables', coalesce((
        SELECT jsonb_agg(jsonb_build_object(
            'number', receivable.number, 'debtor', debtor.name, 'siren', debtor.siren,
            'due_on', receivable.due_on, 'face_cents', line.eligible_cents) ORDER BY line.position)
        FROM funding_line AS line JOIN receivable ON receivable.id = line.receivable_id
        JOIN debtor ON debtor.id = receivable.debtor_id
        WHERE line.request_id = request.id), '[]'::jsonb))
FROM funding_request AS request, organisation AS assignor
WHERE request.id = submission.request_id AND assignor.id = submission.assignor_id;
"""

TIE_GRANTS = f"""
UPDATE document_grant AS given SET submission_id = (
    SELECT submission.id FROM submission
    WHERE submission.lender_id = given.organisation_id AND submission.assignor_id = given.owner_id
    ORDER BY submission.state IN {OVER}, submission.prepared_at DESC LIMIT 1);
DELETE FROM document_grant WHERE submission_id IS NULL;
UPDATE document_grant AS given SET ended_at = now()
FROM submission WHERE submission.id = given.submission_id AND submission.state IN {OVER};
"""


def upgrade() -> None:
    op.create_table(
        "submission_line",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("assignor_id", sa.Uuid(), nullable=False),
        sa.Column("lender_id", sa.Uuid(), nullable=False),
        sa.Column("left_out", sa.Boolean(), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_line")),
        sa.UniqueConstraint(
            "submission_id", "line_id", name=op.f("uq_submission_line_submission_id_line_id")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{target}.id"], name=op.f(f"fk_submission_line_{column}")
            )
            for column, target in (
                ("submission_id", "submission"),
                ("line_id", "funding_line"),
                ("assignor_id", "organisation"),
                ("lender_id", "organisation"),
            )
        ),
    )
    for column in ("line_id", "assignor_id", "lender_id"):
        op.create_index(op.f(f"ix_submission_line_{column}"), "submission_line", [column])
    op.add_column(
        "submission", sa.Column("face_cents", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.add_column(
        "submission",
        sa.Column(
            "summary",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            server_default="{}",
        ),
    )
    op.execute(CARRY_WHAT_WAS_SENT)
    op.alter_column("submission", "face_cents", server_default=None)
    op.alter_column("submission", "summary", server_default=None)
    _tie_grants_to_submissions()
    op.execute(SIGHT)
    _protect()


def downgrade() -> None:
    op.execute(
        "ALTER POLICY funding_line_read ON funding_line"
        f" USING ({OWN} OR ({LENDER} AND request_id IN (SELECT viewer_requests())))"
    )
    op.execute(
        "ALTER POLICY document_grant_read ON document_grant USING"
        f" ({SYSTEM} OR (organisation_id = {ME}) OR ({GIVEN_BY_ITS_OWNER}))"
    )
    op.execute(SIGHT_BEFORE)
    op.execute("DROP FUNCTION viewer_lines()")
    op.execute("DELETE FROM document_grant WHERE ended_at IS NOT NULL")
    op.drop_constraint(op.f("uq_document_grant_document_id_submission_id"), "document_grant")
    op.drop_column("document_grant", "ended_at")
    op.drop_column("document_grant", "submission_id")
    op.execute(
        "DELETE FROM document_grant AS one USING document_grant AS other WHERE one.id > other.id"
        " AND one.document_id = other.document_id AND one.organisation_id = other.organisation_id"
    )
    op.create_unique_constraint(
        op.f("uq_document_grant_document_id_organisation_id"),
        "document_grant",
        ["document_id", "organisation_id"],
    )
    op.drop_column("submission", "summary")
    op.drop_column("submission", "face_cents")
    op.drop_table("submission_line")


def _tie_grants_to_submissions() -> None:
    op.add_column("document_grant", sa.Column("submission_id", sa.Uuid(), nullable=True))
    op.add_column(
        "document_grant", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.execute(TIE_GRANTS)
    op.alter_column("document_grant", "submission_id", nullable=False)
    op.create_foreign_key(
        op.f("fk_document_grant_submission_id"),
        "document_grant",
        "submission",
        ["submission_id"],
        ["id"],
    )
    op.drop_constraint(op.f("uq_document_grant_document_id_organisation_id"), "document_grant")
    op.create_unique_constraint(
        op.f("uq_document_grant_document_id_submission_id"),
        "document_grant",
        ["document_id", "submission_id"],
    )
    op.create_index(op.f("ix_document_grant_submission_id"), "document_grant", ["submission_id"])


def _protect() -> None:
    """Routing alone, the system's act, decides what a submission carries."""
    op.execute(
        "ALTER POLICY funding_line_read ON funding_line"
        f" USING ({OWN} OR ({LENDER} AND id IN (SELECT viewer_lines())))"
    )
    op.execute(
        "ALTER POLICY document_grant_read ON document_grant USING"
        f" ({SYSTEM} OR (organisation_id = {ME} AND ended_at IS NULL) OR ({GIVEN_BY_ITS_OWNER}))"
    )
    op.execute("ALTER TABLE submission_line ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY submission_line_read ON submission_line FOR SELECT"
        f" USING ({OWN} OR ({LENDER} AND lender_id = {ME} AND NOT left_out))"
    )
    for verb, clause in VERBS:
        op.execute(
            f"CREATE POLICY submission_line_{verb} ON submission_line FOR {verb.upper()}"
            f" {clause} ({SYSTEM})"
        )
    op.execute("GRANT SELECT, INSERT, UPDATE ON submission_line TO portal_app")
