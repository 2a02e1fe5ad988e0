"""The deals' double-entry ledger and the movements it books.

Safe on a live site: new tables only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "journal_entry",
        sa.Column("assignor_id", sa.Uuid(), nullable=False),
        sa.Column("lender_id", sa.Uuid(), nullable=True),
        sa.Column("deed_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("narrative", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignor_id"], ["organisation.id"], name=op.f("fk_journal_entry_assignor_id")
        ),
        sa.ForeignKeyConstraint(
            ["lender_id"], ["organisation.id"], name=op.f("fk_journal_entry_lender_id")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["journal_entry.id"], name=op.f("fk_journal_entry_reverses_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entry")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_journal_entry_idempotency_key")),
    )
    op.create_index(
        op.f("ix_journal_entry_assignor_id"), "journal_entry", ["assignor_id"], unique=False
    )
    op.create_index(op.f("ix_journal_entry_deed_id"), "journal_entry", ["deed_id"], unique=False)
    op.create_index(
        op.f("ix_journal_entry_lender_id"), "journal_entry", ["lender_id"], unique=False
    )
    op.create_index(
        op.f("ix_journal_entry_reverses_id"), "journal_entry", ["reverses_id"], unique=False
    )
    op.create_table(
        "posting",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("assignor_id", sa.Uuid(), nullable=False),
        sa.Column("lender_id", sa.Uuid(), nullable=True),
        sa.Column("deed_id", sa.Uuid(), nullable=True),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column(
            "account",
            sa.Enum(
                "receivables_assigned",
                "assignment_liability",
                "advance",
                "lender_cash",
                "assignor_cash",
                "reserve",
                "fees",
                "vat_on_fees",
                "debtor_payments",
                "recourse",
                "loss",
                name="account",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("receivable_id", sa.Uuid(), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_cents <> 0", name=op.f("ck_posting_amount_not_zero")),
        sa.ForeignKeyConstraint(
            ["assignor_id"], ["organisation.id"], name=op.f("fk_posting_assignor_id")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["journal_entry.id"], name=op.f("fk_posting_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["lender_id"], ["organisation.id"], name=op.f("fk_posting_lender_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
    )
    op.create_index(op.f("ix_posting_assignor_id"), "posting", ["assignor_id"], unique=False)
    op.create_index(op.f("ix_posting_deed_id"), "posting", ["deed_id"], unique=False)
    op.create_index(op.f("ix_posting_entry_id"), "posting", ["entry_id"], unique=False)
    op.create_index(op.f("ix_posting_lender_id"), "posting", ["lender_id"], unique=False)
    op.create_index(op.f("ix_posting_receivable_id"), "posting", ["receivable_id"], unique=False)
    op.create_table(
        "movement",
        sa.Column("deed_id", sa.Uuid(), nullable=False),
        sa.Column("assignor_id", sa.Uuid(), nullable=False),
        sa.Column("lender_id", sa.Uuid(), nullable=False),
        sa.Column("receivable_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "disbursed",
                "debtor_paid",
                "forwarded",
                "reserve_released",
                "recourse_called",
                "recourse_paid",
                "loss_taken",
                name="movementkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("partner_reference", sa.Text(), nullable=True),
        sa.Column("journal_entry_id", sa.Uuid(), nullable=False),
        sa.Column("lender_event_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_movement_amount_positive")),
        sa.ForeignKeyConstraint(
            ["assignor_id"], ["organisation.id"], name=op.f("fk_movement_assignor_id")
        ),
        sa.ForeignKeyConstraint(["deed_id"], ["deed.id"], name=op.f("fk_movement_deed_id")),
        sa.ForeignKeyConstraint(
            ["journal_entry_id"], ["journal_entry.id"], name=op.f("fk_movement_journal_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["lender_event_id"], ["lender_event.id"], name=op.f("fk_movement_lender_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["lender_id"], ["organisation.id"], name=op.f("fk_movement_lender_id")
        ),
        sa.ForeignKeyConstraint(
            ["receivable_id"], ["receivable.id"], name=op.f("fk_movement_receivable_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movement")),
        sa.UniqueConstraint("lender_event_id", name=op.f("uq_movement_lender_event_id")),
    )
    op.create_index(op.f("ix_movement_assignor_id"), "movement", ["assignor_id"], unique=False)
    op.create_index(op.f("ix_movement_deed_id"), "movement", ["deed_id"], unique=False)
    op.create_index(op.f("ix_movement_lender_id"), "movement", ["lender_id"], unique=False)
    op.create_index(op.f("ix_movement_receivable_id"), "movement", ["receivable_id"], unique=False)


def downgrade() -> None:
    op.drop_table("movement")
    op.drop_table("posting")
    op.drop_table("journal_entry")
