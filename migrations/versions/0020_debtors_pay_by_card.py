"""Debtors pay by card or direct debit on their creditor's own account with the payment service.

The keys are read by jobs and the webhook's door alone, and so are the webhooks as received.

Safe on a live site: new tables.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"

KIND = "(SELECT viewer_kind())"
SYSTEM = f"({KIND} = 'system')"
DEBTOR = f"{KIND} = 'debtor'"
MINE = "{0} = ANY (ARRAY(SELECT viewer_assignors()))"
ACCOUNT = f"{SYSTEM} OR ({MINE.format('organisation_id')})"
CHECKOUT = f"{SYSTEM} OR ({MINE.format('assignor_id')})"
INSIDE = (
    f"{SYSTEM} OR ({MINE.format('assignor_id')} AND EXISTS (SELECT 1 FROM receivable AS target"
    " WHERE target.id = card_checkout.receivable_id"
    " AND target.assignor_id = card_checkout.assignor_id))"
)

POLICIES = {
    "card_account": (ACCOUNT, ACCOUNT, f"{DEBTOR} AND organisation_id = (SELECT link_creditor())"),
    "card_secret": (SYSTEM, SYSTEM, None),
    "card_checkout": (CHECKOUT, INSIDE, f"{DEBTOR} AND link_id = (SELECT viewer_link())"),
    "card_event": (SYSTEM, SYSTEM, None),
}


def upgrade() -> None:
    _accounts()
    _checkouts()
    _events()
    for table, (read, write, through_link) in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_read ON {table} FOR SELECT USING ({read})")
        op.execute(f"CREATE POLICY {table}_insert ON {table} FOR INSERT WITH CHECK ({write})")
        op.execute(
            f"CREATE POLICY {table}_update ON {table} FOR UPDATE USING ({read}) WITH CHECK ({write})"
        )
        if through_link:
            op.execute(
                f"CREATE POLICY {table}_through_link ON {table} FOR SELECT USING ({through_link})"
            )
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO portal_app")


def downgrade() -> None:
    for table, (_, _, through_link) in reversed(POLICIES.items()):
        for name in ("read", "insert", "update", *(("through_link",) if through_link else ())):
            op.execute(f"DROP POLICY {table}_{name} ON {table}")
        op.drop_table(table)


def _instant(name: str, *, needed: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not needed)


def _points_to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def _accounts() -> None:
    op.create_table(
        "card_account",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("webhook_token", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.Boolean(), nullable=False)
            for name in ("live", "by_card", "by_debit", "enabled")
        ),
        _instant("checked_at", needed=True),
        _instant("set_at", needed=True),
        sa.Column("set_by", sa.Uuid()),
        _instant("last_event_at"),
        _points_to("card_account", "organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_card_account"),
        sa.UniqueConstraint("webhook_token", name="uq_card_account_webhook_token"),
    )
    op.create_table(
        "card_secret",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("secret_key", sa.Text(), nullable=False),
        sa.Column("webhook_secret", sa.Text(), nullable=False),
        _instant("set_at", needed=True),
        _points_to("card_secret", "organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_card_secret"),
    )


def _checkouts() -> None:
    targets = {
        "assignor_id": "organisation",
        "debtor_id": "debtor",
        "receivable_id": "receivable",
        "link_id": "debtor_link",
    }
    texts = ("session_key", "session_url", "intent_key", "method", "failure")
    op.create_table(
        "card_checkout",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in targets),
        sa.Column("form_token", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        _instant("created_at", needed=True),
        *(sa.Column(name, sa.Text()) for name in texts),
        sa.Column("fee_cents", sa.BigInteger()),
        sa.Column("net_cents", sa.BigInteger()),
        sa.Column("payment_id", sa.Uuid()),
        sa.Column("times_recorded", sa.BigInteger(), nullable=False),
        _instant("checked_at"),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name="ck_card_checkout_amount_positive"),
        *(_points_to("card_checkout", column, target) for column, target in targets.items()),
        _points_to("card_checkout", "payment_id", "payment"),
        sa.PrimaryKeyConstraint("id", name="pk_card_checkout"),
        sa.UniqueConstraint("link_id", "form_token", name="uq_card_checkout_link_id_form_token"),
    )
    for column in ("assignor_id", "debtor_id", "receivable_id", "intent_key"):
        op.create_index(f"ix_card_checkout_{column}", "card_checkout", [column])
    op.create_index(
        "uq_card_checkout_session",
        "card_checkout",
        ["session_key"],
        unique=True,
        postgresql_where=sa.text("session_key IS NOT NULL"),
    )


def _events() -> None:
    op.create_table(
        "card_event",
        sa.Column("assignor_id", sa.Uuid(), nullable=False),
        sa.Column("event_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        _instant("received_at", needed=True),
        _instant("processed_at"),
        sa.Column("outcome", sa.Text()),
        sa.Column("id", sa.Uuid(), nullable=False),
        _points_to("card_event", "assignor_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name="pk_card_event"),
        sa.UniqueConstraint("assignor_id", "event_key", name="uq_card_event_assignor_id_event_key"),
    )
    op.create_index("ix_card_event_assignor_id", "card_event", ["assignor_id"])
