"""Funding requests, submissions, offers, lenders' events, deeds and assignments.

Safe on a live site: new tables only.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("CREATE SEQUENCE funding_reference")
    op.execute("GRANT USAGE ON SEQUENCE funding_reference TO portal_app")
    op.create_table(
        "funding_request",
        sa.Column("assignor_id", sa.Uuid(), nullable=False),
        sa.Column("broker_id", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "routed",
                "offered",
                "accepted",
                "assigned",
                "disbursed",
                "recoursed",
                "settled",
                "declined",
                "expired",
                "withdrawn",
                name="requeststate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("products", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("face_total_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("disclosure_version", sa.Text(), nullable=True),
        sa.Column("disclosure_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("face_total_cents > 0", name=op.f("ck_funding_request_face_positive")),
        sa.ForeignKeyConstraint(
            ["assignor_id"], ["organisation.id"], name=op.f("fk_funding_request_assignor_id")
        ),
        sa.ForeignKeyConstraint(
            ["broker_id"], ["organisation.id"], name=op.f("fk_funding_request_broker_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding_request")),
        sa.UniqueConstraint("reference", name=op.f("uq_funding_request_reference")),
    )
    op.create_index(
        op.f("ix_funding_request_assignor_id"), "funding_request", ["assignor_id"], unique=False
    )
    op.create_index(
        op.f("ix_funding_request_broker_id"), "funding_request", ["broker_id"], unique=False
    )
    op.create_index(
        op.f("ix_funding_request_created_at"), "funding_request", ["created_at"], unique=False
    )
    op.create_table(
        "funding_line",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("assignor_id", sa.Uuid(), nullable=False),
        sa.Column("receivable_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("face_cents", sa.BigInteger(), nullable=False),
        sa.Column("eligible_cents", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignor_id"], ["organisation.id"], name=op.f("fk_funding_line_assignor_id")
        ),
        sa.ForeignKeyConstraint(
            ["receivable_id"], ["receivable.id"], name=op.f("fk_funding_line_receivable_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["funding_request.id"], name=op.f("fk_funding_line_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding_line")),
        sa.UniqueConstraint(
            "request_id", "receivable_id", name=op.f("uq_funding_line_request_id_receivable_id")
        ),
    )
    op.create_index(
        op.f("ix_funding_line_assignor_id"), "funding_line", ["assignor_id"], unique=False
    )
    op.create_index(
        op.f("ix_funding_line_receivable_id"), "funding_line", ["receivable_id"], unique=False
    )
    op.create_index(
        op.f("ix_funding_line_request_id"), "funding_line", ["request_id"], unique=False
    )
    op.create_table(
        "submission",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("assignor_id", sa.Uuid(), nullable=False),
        sa.Column("lender_id", sa.Uuid(), nullable=False),
        sa.Column("rate_card_id", sa.Uuid(), nullable=False),
        sa.Column(
            "product",
            sa.Enum(
                "dailly",
                "factoring",
                "advance",
                "discount",
                name="product",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "prepared",
                "sent",
                "unanswered",
                "received",
                "info_requested",
                "offered",
                "declined",
                "policy_blocked",
                "delivery_failed",
                "duplicate",
                "expired",
                "withdrawn",
                name="submissionstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_poll_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("partner_reference", sa.Text(), nullable=True),
        sa.Column("partner_status", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("reason_text", sa.Text(), nullable=True),
        sa.Column("requested_documents", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignor_id"], ["organisation.id"], name=op.f("fk_submission_assignor_id")
        ),
        sa.ForeignKeyConstraint(
            ["lender_id"], ["organisation.id"], name=op.f("fk_submission_lender_id")
        ),
        sa.ForeignKeyConstraint(
            ["rate_card_id"], ["rate_card.id"], name=op.f("fk_submission_rate_card_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["funding_request.id"], name=op.f("fk_submission_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint(
            "request_id",
            "rate_card_id",
            name=op.f("uq_submission_request_id_rate_card_id"),
        ),
    )
    op.create_index(op.f("ix_submission_assignor_id"), "submission", ["assignor_id"], unique=False)
    op.create_index(op.f("ix_submission_lender_id"), "submission", ["lender_id"], unique=False)
    op.create_index(op.f("ix_submission_request_id"), "submission", ["request_id"], unique=False)
    op.create_table(
        "offer",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("assignor_id", sa.Uuid(), nullable=False),
        sa.Column("lender_id", sa.Uuid(), nullable=False),
        sa.Column(
            "product",
            sa.Enum(
                "dailly",
                "factoring",
                "advance",
                "discount",
                name="product",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "sealed",
                "open",
                "accepted",
                "declined",
                "expired",
                "superseded",
                "withdrawn",
                name="offerstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("partner_key", sa.Text(), nullable=False),
        sa.Column("face_cents", sa.BigInteger(), nullable=False),
        sa.Column("advance_cents", sa.BigInteger(), nullable=False),
        sa.Column("reserve_cents", sa.BigInteger(), nullable=False),
        sa.Column("fees", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("net_proceeds_cents", sa.BigInteger(), nullable=False),
        sa.Column("total_cost_cents", sa.BigInteger(), nullable=False),
        sa.Column("vat_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("teg", sa.Numeric(precision=14, scale=10), nullable=True),
        sa.Column("teg_article", sa.Text(), nullable=True),
        sa.Column("period_rate", sa.Numeric(precision=14, scale=10), nullable=True),
        sa.Column("period_days", sa.BigInteger(), nullable=True),
        sa.Column("all_in_annual_rate", sa.Numeric(precision=14, scale=10), nullable=True),
        sa.Column("recourse", sa.Boolean(), nullable=False),
        sa.Column("debtor_notice", sa.Boolean(), nullable=False),
        sa.Column("collector", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("repaid_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("raw", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignor_id"], ["organisation.id"], name=op.f("fk_offer_assignor_id")
        ),
        sa.ForeignKeyConstraint(
            ["lender_id"], ["organisation.id"], name=op.f("fk_offer_lender_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["funding_request.id"], name=op.f("fk_offer_request_id")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_offer_submission_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint(
            "submission_id", "partner_key", name=op.f("uq_offer_submission_id_partner_key")
        ),
    )
    op.create_index(op.f("ix_offer_assignor_id"), "offer", ["assignor_id"], unique=False)
    op.create_index(op.f("ix_offer_lender_id"), "offer", ["lender_id"], unique=False)
    op.create_index(op.f("ix_offer_request_id"), "offer", ["request_id"], unique=False)
    op.create_index(op.f("ix_offer_submission_id"), "offer", ["submission_id"], unique=False)
    op.create_index(
        "uq_offer_accepted",
        "offer",
        ["request_id"],
        unique=True,
        postgresql_where="state = 'accepted'",
    )
    op.create_table(
        "lender_event",
        sa.Column("lender_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("event_key", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lender_id"], ["organisation.id"], name=op.f("fk_lender_event_lender_id")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_lender_event_submission_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lender_event")),
        sa.UniqueConstraint(
            "lender_id", "event_key", name=op.f("uq_lender_event_lender_id_event_key")
        ),
    )
    op.create_index(op.f("ix_lender_event_lender_id"), "lender_event", ["lender_id"], unique=False)
    op.create_index(
        op.f("ix_lender_event_submission_id"), "lender_event", ["submission_id"], unique=False
    )
    op.create_index(
        "ix_lender_event_waiting",
        "lender_event",
        ["received_at"],
        unique=False,
        postgresql_where="processed_at IS NULL",
    )
    op.create_table(
        "deed",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("assignor_id", sa.Uuid(), nullable=False),
        sa.Column("lender_id", sa.Uuid(), nullable=False),
        sa.Column(
            "product",
            sa.Enum(
                "dailly",
                "factoring",
                "advance",
                "discount",
                name="product",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "preparing",
                "drafted",
                "signed",
                "delivered",
                "notified",
                "acknowledged",
                "settled",
                "released",
                name="deedstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("document_sha256", sa.String(length=64), nullable=True),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by", sa.Uuid(), nullable=True),
        sa.Column("signatory_name", sa.Text(), nullable=True),
        sa.Column("signatory_title", sa.Text(), nullable=True),
        sa.Column("signature_evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notified_on", sa.Date(), nullable=True),
        sa.Column("collection_consent", sa.Boolean(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignor_id"], ["organisation.id"], name=op.f("fk_deed_assignor_id")
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_deed_document_id")),
        sa.ForeignKeyConstraint(["lender_id"], ["organisation.id"], name=op.f("fk_deed_lender_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_deed_offer_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["funding_request.id"], name=op.f("fk_deed_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deed")),
        sa.UniqueConstraint("offer_id", name=op.f("uq_deed_offer_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_deed_reference")),
    )
    op.create_index(op.f("ix_deed_assignor_id"), "deed", ["assignor_id"], unique=False)
    op.create_index(op.f("ix_deed_lender_id"), "deed", ["lender_id"], unique=False)
    op.create_index(op.f("ix_deed_request_id"), "deed", ["request_id"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("deed_id", sa.Uuid(), nullable=False),
        sa.Column("assignor_id", sa.Uuid(), nullable=False),
        sa.Column("lender_id", sa.Uuid(), nullable=False),
        sa.Column("receivable_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("face_cents", sa.BigInteger(), nullable=False),
        sa.Column("advance_cents", sa.BigInteger(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_because", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignor_id"], ["organisation.id"], name=op.f("fk_assignment_assignor_id")
        ),
        sa.ForeignKeyConstraint(["deed_id"], ["deed.id"], name=op.f("fk_assignment_deed_id")),
        sa.ForeignKeyConstraint(
            ["lender_id"], ["organisation.id"], name=op.f("fk_assignment_lender_id")
        ),
        sa.ForeignKeyConstraint(
            ["receivable_id"], ["receivable.id"], name=op.f("fk_assignment_receivable_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_index(op.f("ix_assignment_assignor_id"), "assignment", ["assignor_id"], unique=False)
    op.create_index(op.f("ix_assignment_deed_id"), "assignment", ["deed_id"], unique=False)
    op.create_index(op.f("ix_assignment_lender_id"), "assignment", ["lender_id"], unique=False)
    op.create_index(
        op.f("ix_assignment_receivable_id"), "assignment", ["receivable_id"], unique=False
    )
    op.create_index(
        "uq_assignment_live",
        "assignment",
        ["fingerprint"],
        unique=True,
        postgresql_where="released_at IS NULL",
    )


def downgrade() -> None:
    op.drop_table("assignment")
    op.drop_table("deed")
    op.drop_table("lender_event")
    op.drop_table("offer")
    op.drop_table("submission")
    op.drop_table("funding_line")
    op.drop_table("funding_request")
    op.execute("DROP SEQUENCE funding_reference")
