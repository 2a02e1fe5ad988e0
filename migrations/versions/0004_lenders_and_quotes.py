"""Lenders' settings, rate cards, and quotes.

Safe on a live site: new tables only.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "lender_profile",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("adapter", sa.Text(), nullable=False),
        sa.Column("endpoint_url", sa.Text(), nullable=True),
        sa.Column("regulatory_status", sa.Text(), nullable=False),
        sa.Column("registration_number", sa.Text(), nullable=True),
        sa.Column("presentation", sa.Text(), nullable=True),
        sa.Column("answers_within_hours", sa.BigInteger(), nullable=False),
        sa.Column("collection_iban", sa.Text(), nullable=True),
        sa.Column("accepting", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_lender_profile_organisation_id")
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_lender_profile")),
        sa.UniqueConstraint("slug", name=op.f("uq_lender_profile_slug")),
    )
    op.create_table(
        "lender_secret",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("outgoing_key", sa.Text(), nullable=False),
        sa.Column("webhook_keys", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_lender_secret_organisation_id")
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_lender_secret")),
    )
    op.create_table(
        "rate_card",
        sa.Column("lender_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
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
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("tariff", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("policy", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lender_id"], ["organisation.id"], name=op.f("fk_rate_card_lender_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_card")),
        sa.UniqueConstraint(
            "lender_id", "slug", "version", name=op.f("uq_rate_card_lender_id_slug_version")
        ),
    )
    op.create_index(op.f("ix_rate_card_lender_id"), "rate_card", ["lender_id"], unique=False)
    op.create_index(
        "uq_rate_card_active",
        "rate_card",
        ["lender_id", "slug"],
        unique=True,
        postgresql_where="activated_at IS NOT NULL AND retired_at IS NULL",
    )
    op.create_table(
        "debtor_limit",
        sa.Column("lender_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_siren", sa.String(length=9), nullable=False),
        sa.Column("limit_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("set_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lender_id"], ["organisation.id"], name=op.f("fk_debtor_limit_lender_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debtor_limit")),
        sa.UniqueConstraint(
            "lender_id", "debtor_siren", name=op.f("uq_debtor_limit_lender_id_debtor_siren")
        ),
    )
    op.create_index(op.f("ix_debtor_limit_lender_id"), "debtor_limit", ["lender_id"], unique=False)
    op.create_table(
        "quote",
        sa.Column("assignor_id", sa.Uuid(), nullable=False),
        sa.Column("receivable_id", sa.Uuid(), nullable=False),
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
        sa.Column("quoted_on", sa.Date(), nullable=False),
        sa.Column("facts_key", sa.Text(), nullable=False),
        sa.Column("law_version", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "eligible", "blocked", "refused", name="quotestatus", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("eligible_cents", sa.BigInteger(), nullable=False),
        sa.Column("net_today_cents", sa.BigInteger(), nullable=True),
        sa.Column("total_cost_cents", sa.BigInteger(), nullable=True),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("price", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignor_id"], ["organisation.id"], name=op.f("fk_quote_assignor_id")
        ),
        sa.ForeignKeyConstraint(
            ["lender_id"], ["organisation.id"], name=op.f("fk_quote_lender_id")
        ),
        sa.ForeignKeyConstraint(
            ["rate_card_id"], ["rate_card.id"], name=op.f("fk_quote_rate_card_id")
        ),
        sa.ForeignKeyConstraint(
            ["receivable_id"], ["receivable.id"], name=op.f("fk_quote_receivable_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote")),
        sa.UniqueConstraint(
            "receivable_id",
            "rate_card_id",
            "quoted_on",
            "facts_key",
            name=op.f("uq_quote_receivable_id_rate_card_id_quoted_on_facts_key"),
        ),
    )
    op.create_index(op.f("ix_quote_assignor_id"), "quote", ["assignor_id"], unique=False)
    op.create_index(op.f("ix_quote_lender_id"), "quote", ["lender_id"], unique=False)
    op.create_index(op.f("ix_quote_receivable_id"), "quote", ["receivable_id"], unique=False)
    op.create_index(
        "uq_quote_current",
        "quote",
        ["receivable_id", "rate_card_id"],
        unique=True,
        postgresql_where="superseded_at IS NULL",
    )
    op.create_index(
        "ix_quote_assignor_current",
        "quote",
        ["assignor_id"],
        unique=False,
        postgresql_where="superseded_at IS NULL",
    )


def downgrade() -> None:
    op.drop_table("quote")
    op.drop_table("debtor_limit")
    op.drop_table("rate_card")
    op.drop_table("lender_secret")
    op.drop_table("lender_profile")
