"""Messages by every channel: what became of each, its proofs, addresses that refuse, and what comes back.

Events and proofs are evidence: the application may add and read them, never change them. A mail whose
organisation is not known is the operator's to look into; how far a source was read is the system's alone.

Safe on a live site: new tables, nullable columns and one column with a constant default.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"

SYSTEM = "(SELECT viewer_kind()) = 'system'"
OPERATOR = "(SELECT viewer_kind()) = 'operator'"
OWN = (
    "(organisation_id = (SELECT viewer_organisation())"
    " OR organisation_id = ANY (ARRAY(SELECT viewer_assignors())))"
)

INSERT, UPDATE = "INSERT", "UPDATE"
POLICIES: dict[str, tuple[str, dict[str, str]]] = {
    "message_event": (f"{SYSTEM} OR {OPERATOR} OR {OWN}", {INSERT: SYSTEM}),
    "message_proof": (f"{SYSTEM} OR {OWN}", {INSERT: SYSTEM}),
    "rejected_address": (
        f"{SYSTEM} OR {OWN}",
        {INSERT: f"{SYSTEM} OR {OWN}", UPDATE: f"{SYSTEM} OR {OWN}"},
    ),
    "inbound_message": (
        f"{SYSTEM} OR ({OPERATOR} AND organisation_id IS NULL) OR {OWN}",
        {INSERT: SYSTEM, UPDATE: f"{SYSTEM} OR {OWN}"},
    ),
    "reading_position": (SYSTEM, {INSERT: SYSTEM, UPDATE: SYSTEM}),
}

COLUMNS = (
    sa.Column("channel", sa.String(40), nullable=False, server_default="email"),
    sa.Column("to_postal", JSONB()),
    sa.Column("from_postal", JSONB()),
    sa.Column("in_reply_to", sa.Text()),
    sa.Column("debtor_id", sa.Uuid()),
    sa.Column("partner_reference", sa.Text()),
    sa.Column("headers", sa.Text()),
)


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("message", column)
    op.create_index("ix_message_debtor_id", "message", ["debtor_id"])
    _create_events()
    _create_proofs()
    _create_rejected_addresses()
    _create_inbound()
    op.create_table(
        "reading_position",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_reading_position"),
    )
    for table, (read, writes) in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_read ON {table} FOR SELECT USING ({read})")
        for verb, allowed in writes.items():
            before = f"USING ({allowed}) " if verb == UPDATE else ""
            op.execute(
                f"CREATE POLICY {table}_{verb.lower()} ON {table} FOR {verb}"
                f" {before}WITH CHECK ({allowed})"
            )
        op.execute(f"GRANT {', '.join(['SELECT', *writes])} ON {table} TO portal_app")


def downgrade() -> None:
    for table in reversed(list(POLICIES)):
        op.drop_table(table)
    op.drop_index("ix_message_debtor_id", "message")
    for column in reversed(COLUMNS):
        op.drop_column("message", column.name)


def _create_events() -> None:
    op.create_table(
        "message_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid()),
        sa.Column("event_key", sa.Text(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("raw_status", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detail", sa.Text()),
        sa.Column("proof_reference", sa.Text()),
        sa.Column("told", JSONB()),
        sa.PrimaryKeyConstraint("id", name="pk_message_event"),
        sa.UniqueConstraint("event_key", name="uq_message_event_event_key"),
        _points("message_event", "message_id", "message"),
        _points("message_event", "organisation_id", "organisation"),
    )
    op.create_index("ix_message_event_message_id", "message_event", ["message_id"])
    op.create_index("ix_message_event_organisation_id", "message_event", ["organisation_id"])


def _create_proofs() -> None:
    op.create_table(
        "message_proof",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_message_proof"),
        sa.UniqueConstraint("event_id", name="uq_message_proof_event_id"),
        _points("message_proof", "event_id", "message_event"),
        _points("message_proof", "message_id", "message"),
        _points("message_proof", "organisation_id", "organisation"),
        _points("message_proof", "document_id", "document"),
    )
    op.create_index("ix_message_proof_message_id", "message_proof", ["message_id"])
    op.create_index("ix_message_proof_organisation_id", "message_proof", ["organisation_id"])


def _create_rejected_addresses() -> None:
    op.create_table(
        "rejected_address",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("detail", sa.Text()),
        sa.Column("message_id", sa.Uuid()),
        sa.Column("rejected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("restored_at", sa.DateTime(timezone=True)),
        sa.Column("restored_by", sa.Uuid()),
        sa.PrimaryKeyConstraint("id", name="pk_rejected_address"),
        _points("rejected_address", "organisation_id", "organisation"),
        _points("rejected_address", "message_id", "message"),
    )
    op.create_index("ix_rejected_address_organisation_id", "rejected_address", ["organisation_id"])
    op.create_index(
        "uq_rejected_address_live",
        "rejected_address",
        ["organisation_id", "address"],
        unique=True,
        postgresql_where=sa.text("restored_at IS NULL"),
    )


def _create_inbound() -> None:
    op.create_table(
        "inbound_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid()),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("content_key", sa.Text(), nullable=False),
        sa.Column("header_id", sa.Text()),
        sa.Column("in_reply_to", sa.Text()),
        sa.Column("header_references", JSONB(), nullable=False),
        sa.Column("from_address", sa.Text(), nullable=False),
        sa.Column("from_name", sa.Text()),
        sa.Column("to_addresses", JSONB(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body_text", sa.Text(), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True)),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answers_message_id", sa.Uuid()),
        sa.Column("receivable_id", sa.Uuid()),
        sa.Column("debtor_id", sa.Uuid()),
        sa.Column("attachment_ids", JSONB(), nullable=False),
        sa.Column("raw_sha256", sa.String(64), nullable=False),
        sa.Column("raw_document_id", sa.Uuid()),
        sa.Column("failure", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_inbound_message"),
        sa.UniqueConstraint("content_key", name="uq_inbound_message_content_key"),
        _points("inbound_message", "organisation_id", "organisation"),
        _points("inbound_message", "answers_message_id", "message"),
        _points("inbound_message", "raw_document_id", "document"),
    )
    for column in (
        "organisation_id",
        "received_at",
        "answers_message_id",
        "receivable_id",
        "debtor_id",
    ):
        op.create_index(f"ix_inbound_message_{column}", "inbound_message", [column])


def _points(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")
