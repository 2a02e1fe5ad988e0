"""Dunning plans, reminders, promises and disputes.

Safe on a live site: new tables only.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "dunning_plan",
        sa.Column("assignor_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activated_by", sa.Uuid(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignor_id"], ["organisation.id"], name=op.f("fk_dunning_plan_assignor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning_plan")),
        sa.UniqueConstraint(
            "assignor_id", "version", name=op.f("uq_dunning_plan_assignor_id_version")
        ),
    )
    op.create_index(
        op.f("ix_dunning_plan_assignor_id"), "dunning_plan", ["assignor_id"], unique=False
    )
    op.create_index(
        "uq_dunning_plan_active",
        "dunning_plan",
        ["assignor_id"],
        unique=True,
        postgresql_where="activated_at IS NOT NULL AND retired_at IS NULL",
    )
    op.create_table(
        "reminder",
        sa.Column("assignor_id", sa.Uuid(), nullable=False),
        sa.Column("receivable_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("step_code", sa.Text(), nullable=False),
        sa.Column("dunning_level", sa.BigInteger(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "sent",
                "drafted",
                "suppressed",
                "overtaken",
                name="reminderstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("asked_cents", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignor_id"], ["organisation.id"], name=op.f("fk_reminder_assignor_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_reminder_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_reminder_message_id")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["dunning_plan.id"], name=op.f("fk_reminder_plan_id")),
        sa.ForeignKeyConstraint(
            ["receivable_id"], ["receivable.id"], name=op.f("fk_reminder_receivable_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "receivable_id", "step_code", name=op.f("uq_reminder_receivable_id_step_code")
        ),
    )
    op.create_index(op.f("ix_reminder_assignor_id"), "reminder", ["assignor_id"], unique=False)
    op.create_index(op.f("ix_reminder_receivable_id"), "reminder", ["receivable_id"], unique=False)
    op.create_table(
        "promise",
        sa.Column("assignor_id", sa.Uuid(), nullable=False),
        sa.Column("receivable_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("promised_for", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_promise_amount_positive")),
        sa.ForeignKeyConstraint(
            ["assignor_id"], ["organisation.id"], name=op.f("fk_promise_assignor_id")
        ),
        sa.ForeignKeyConstraint(
            ["receivable_id"], ["receivable.id"], name=op.f("fk_promise_receivable_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise")),
    )
    op.create_index(op.f("ix_promise_assignor_id"), "promise", ["assignor_id"], unique=False)
    op.create_index(op.f("ix_promise_receivable_id"), "promise", ["receivable_id"], unique=False)
    op.create_table(
        "dispute",
        sa.Column("assignor_id", sa.Uuid(), nullable=False),
        sa.Column("receivable_id", sa.Uuid(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "price",
                "quantity",
                "quality",
                "delivery",
                "missing_document",
                "duplicate",
                "other",
                name="disputereason",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "founded",
                "unfounded",
                "settled",
                name="disputeoutcome",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_dispute_amount_positive")),
        sa.ForeignKeyConstraint(
            ["assignor_id"], ["organisation.id"], name=op.f("fk_dispute_assignor_id")
        ),
        sa.ForeignKeyConstraint(
            ["receivable_id"], ["receivable.id"], name=op.f("fk_dispute_receivable_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
    )
    op.create_index(op.f("ix_dispute_assignor_id"), "dispute", ["assignor_id"], unique=False)
    op.create_index(op.f("ix_dispute_receivable_id"), "dispute", ["receivable_id"], unique=False)


def downgrade() -> None:
    op.drop_table("dispute")
    op.drop_table("promise")
    op.drop_table("reminder")
    op.drop_table("dunning_plan")
