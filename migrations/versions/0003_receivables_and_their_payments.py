"""Debtors, receivables, credit notes, imports and payments.

Safe on a live site: new tables only.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "debtor",
        sa.Column("assignor_id", sa.Uuid(), nullable=False),
        sa.Column("identity_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("siren", sa.String(length=9), nullable=True),
        sa.Column("siret", sa.String(length=14), nullable=True),
        sa.Column("vat_id", sa.Text(), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column(
            "segment",
            sa.Enum(
                "private", "public", "consumer", name="debtorsegment", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("related_party", sa.Boolean(), nullable=False),
        sa.Column("assignment_restricted", sa.Boolean(), nullable=False),
        sa.Column("insolvent_since", sa.Date(), nullable=True),
        sa.Column("contact_name", sa.Text(), nullable=True),
        sa.Column("contact_email", sa.Text(), nullable=True),
        sa.Column("contact_phone", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("credit_limit_cents", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignor_id"], ["organisation.id"], name=op.f("fk_debtor_assignor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debtor")),
        sa.UniqueConstraint(
            "assignor_id", "identity_key", name=op.f("uq_debtor_assignor_id_identity_key")
        ),
    )
    op.create_index(op.f("ix_debtor_assignor_id"), "debtor", ["assignor_id"], unique=False)
    op.create_index(op.f("ix_debtor_siren"), "debtor", ["siren"], unique=False)
    op.create_table(
        "import_batch",
        sa.Column("assignor_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignor_id"], ["organisation.id"], name=op.f("fk_import_batch_assignor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_index(
        op.f("ix_import_batch_assignor_id"), "import_batch", ["assignor_id"], unique=False
    )
    op.create_table(
        "receivable",
        sa.Column("assignor_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("number_key", sa.Text(), nullable=False),
        sa.Column("type_code", sa.Text(), nullable=True),
        sa.Column("process_code", sa.Text(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("net_cents", sa.BigInteger(), nullable=True),
        sa.Column("vat_cents", sa.BigInteger(), nullable=True),
        sa.Column("face_cents", sa.BigInteger(), nullable=False),
        sa.Column("prepaid_cents", sa.BigInteger(), nullable=False),
        sa.Column("retention_cents", sa.BigInteger(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_source", sa.Text(), nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("terms", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("order_reference", sa.Text(), nullable=True),
        sa.Column("contract_reference", sa.Text(), nullable=True),
        sa.Column("payee_name", sa.Text(), nullable=True),
        sa.Column("payee_is_seller", sa.Boolean(), nullable=False),
        sa.Column("iban", sa.Text(), nullable=True),
        sa.Column("missing", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("warnings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("delivery_proof_id", sa.Uuid(), nullable=True),
        sa.Column("debtor_confirmed_on", sa.Date(), nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_because", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "due_on IS NULL OR due_on >= issued_on", name=op.f("ck_receivable_due_after_issue")
        ),
        sa.CheckConstraint("face_cents > 0", name=op.f("ck_receivable_face_positive")),
        sa.CheckConstraint(
            "prepaid_cents >= 0 AND retention_cents >= 0",
            name=op.f("ck_receivable_deductions_positive"),
        ),
        sa.ForeignKeyConstraint(
            ["assignor_id"], ["organisation.id"], name=op.f("fk_receivable_assignor_id")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_receivable_batch_id")
        ),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtor.id"], name=op.f("fk_receivable_debtor_id")),
        sa.ForeignKeyConstraint(
            ["delivery_proof_id"], ["document.id"], name=op.f("fk_receivable_delivery_proof_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_receivable_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receivable")),
        sa.UniqueConstraint(
            "assignor_id", "number_key", name=op.f("uq_receivable_assignor_id_number_key")
        ),
    )
    op.create_index(
        "ix_receivable_assignor_due", "receivable", ["assignor_id", "due_on"], unique=False
    )
    op.create_index(op.f("ix_receivable_assignor_id"), "receivable", ["assignor_id"], unique=False)
    op.create_index(op.f("ix_receivable_batch_id"), "receivable", ["batch_id"], unique=False)
    op.create_index(op.f("ix_receivable_debtor_id"), "receivable", ["debtor_id"], unique=False)
    op.create_index(op.f("ix_receivable_fingerprint"), "receivable", ["fingerprint"], unique=False)
    op.create_table(
        "import_row",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("assignor_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("format", sa.Text(), nullable=True),
        sa.Column("profile", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "created",
                "unchanged",
                "conflict",
                "rejected",
                name="importoutcome",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("read", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("receivable_id", sa.Uuid(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignor_id"], ["organisation.id"], name=op.f("fk_import_row_assignor_id")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_import_row_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_import_row_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["receivable_id"], ["receivable.id"], name=op.f("fk_import_row_receivable_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_row")),
    )
    op.create_index(op.f("ix_import_row_assignor_id"), "import_row", ["assignor_id"], unique=False)
    op.create_index(op.f("ix_import_row_batch_id"), "import_row", ["batch_id"], unique=False)
    op.create_index(
        op.f("ix_import_row_receivable_id"), "import_row", ["receivable_id"], unique=False
    )
    op.create_table(
        "credit_note",
        sa.Column("assignor_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("receivable_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("number_key", sa.Text(), nullable=False),
        sa.Column("preceding_number", sa.Text(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_credit_note_amount_positive")),
        sa.ForeignKeyConstraint(
            ["assignor_id"], ["organisation.id"], name=op.f("fk_credit_note_assignor_id")
        ),
        sa.ForeignKeyConstraint(
            ["debtor_id"], ["debtor.id"], name=op.f("fk_credit_note_debtor_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_credit_note_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["receivable_id"], ["receivable.id"], name=op.f("fk_credit_note_receivable_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_note")),
        sa.UniqueConstraint(
            "assignor_id", "number_key", name=op.f("uq_credit_note_assignor_id_number_key")
        ),
    )
    op.create_index(
        op.f("ix_credit_note_assignor_id"), "credit_note", ["assignor_id"], unique=False
    )
    op.create_index(op.f("ix_credit_note_debtor_id"), "credit_note", ["debtor_id"], unique=False)
    op.create_index(
        op.f("ix_credit_note_receivable_id"), "credit_note", ["receivable_id"], unique=False
    )
    op.create_table(
        "payment",
        sa.Column("assignor_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "paid_to",
            sa.Enum("assignor", "assignee", name="paidto", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "imputation",
            sa.Enum(
                "interest_first",
                "principal_first",
                name="imputation",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("undone_because", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payment_amount_positive")),
        sa.ForeignKeyConstraint(
            ["assignor_id"], ["organisation.id"], name=op.f("fk_payment_assignor_id")
        ),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtor.id"], name=op.f("fk_payment_debtor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_payment_dedupe_key")),
    )
    op.create_index(op.f("ix_payment_assignor_id"), "payment", ["assignor_id"], unique=False)
    op.create_index(op.f("ix_payment_debtor_id"), "payment", ["debtor_id"], unique=False)
    op.create_table(
        "payment_allocation",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("assignor_id", sa.Uuid(), nullable=False),
        sa.Column("receivable_id", sa.Uuid(), nullable=False),
        sa.Column("principal_cents", sa.BigInteger(), nullable=False),
        sa.Column("interest_cents", sa.BigInteger(), nullable=False),
        sa.Column("indemnity_cents", sa.BigInteger(), nullable=False),
        sa.Column("allocated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "principal_cents >= 0 AND interest_cents >= 0 AND indemnity_cents >= 0",
            name=op.f("ck_payment_allocation_parts_positive"),
        ),
        sa.ForeignKeyConstraint(
            ["assignor_id"], ["organisation.id"], name=op.f("fk_payment_allocation_assignor_id")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_payment_allocation_payment_id")
        ),
        sa.ForeignKeyConstraint(
            ["receivable_id"], ["receivable.id"], name=op.f("fk_payment_allocation_receivable_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_allocation")),
    )
    op.create_index(
        op.f("ix_payment_allocation_assignor_id"),
        "payment_allocation",
        ["assignor_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payment_allocation_payment_id"), "payment_allocation", ["payment_id"], unique=False
    )
    op.create_index(
        op.f("ix_payment_allocation_receivable_id"),
        "payment_allocation",
        ["receivable_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("payment_allocation")
    op.drop_table("payment")
    op.drop_table("credit_note")
    op.drop_table("import_row")
    op.drop_table("receivable")
    op.drop_table("import_batch")
    op.drop_table("debtor")
