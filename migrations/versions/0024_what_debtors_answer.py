"""Payment plans and their instalments, the conversation of a dispute, its flag to the lender, sorted replies.

A promise says when it was found broken; a scenario, how long after its day a promise still holds. The lender
holding a receivable reads the flags meant for it; a debtor reads the plans of what its link shows.

Safe on a live site: new tables, new columns with a default or empty.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"

KIND = "(SELECT viewer_kind())"
SYSTEM = f"({KIND} = 'system')"
MINE = "(assignor_id = ANY (ARRAY(SELECT viewer_assignors())))"
LENDER = f"({KIND} = 'lender' AND lender_id = (SELECT viewer_organisation()))"
LINKED = "SELECT link_receivables()"

INSTANT = sa.DateTime(timezone=True)

PLANSTATE = ("planstate", ("proposed", "accepted", "running", "kept", "broken", "cancelled"))
PENALTYCHOICE = ("penaltychoice", ("included", "waived", "running"))
SPEAKER = ("speaker", ("debtor", "assignor", "note"))
DISPUTEREASON = (
    "disputereason",
    (
        "price",
        "quantity",
        "quality",
        "delivery",
        "missing_document",
        "order_missing",
        "duplicate",
        "other",
    ),
)
DISPUTEOUTCOME = ("disputeoutcome", ("founded", "unfounded", "settled"))
REPLYSTATE = ("replystate", ("waiting", "done", "set_aside"))
MEANING = (
    "meaning",
    ("paid", "promise", "dispute", "wrong_contact", "wants_copy", "out_of_office", "other"),
)

POINTS_TO = {
    "payment_plan": {"receivable_id": "receivable", "debtor_id": "debtor"},
    "plan_instalment": {"plan_id": "payment_plan"},
    "dispute_file": {"dispute_id": "dispute"},
    "dispute_word": {"dispute_id": "dispute"},
    "dispute_flag": {"dispute_id": "dispute", "deed_id": "deed"},
    "sorted_reply": {},
}
NEVER_CHANGED = ("plan_instalment", "dispute_word")
THROUGH_LINK = {
    "payment_plan": f"receivable_id IN ({LINKED})",
    "plan_instalment": "EXISTS (SELECT 1 FROM payment_plan AS agreed WHERE agreed.id = plan_id)",
}


def upgrade() -> None:
    op.add_column("promise", sa.Column("broken_on", sa.Date(), nullable=True))
    op.add_column(
        "dunning_scenario",
        sa.Column("promise_grace_days", sa.BigInteger(), nullable=False, server_default="2"),
    )
    op.create_check_constraint(
        op.f("ck_dunning_scenario_promise_grace_positive"),
        "dunning_scenario",
        "promise_grace_days >= 0",
    )
    _payment_plan()
    _plan_instalment()
    _dispute_file()
    _dispute_word()
    _dispute_flag()
    _sorted_reply()
    for table, columns in POINTS_TO.items():
        _protect(table, columns)


def downgrade() -> None:
    for table in reversed(POINTS_TO):
        for name in ("read", "insert", "update", *(("through_link",) if table in THROUGH_LINK else ())):  # fmt: skip
            op.execute(f"DROP POLICY {table}_{name} ON {table}")
    for table in reversed(POINTS_TO):
        op.drop_table(table)
    op.drop_constraint(op.f("ck_dunning_scenario_promise_grace_positive"), "dunning_scenario")
    op.drop_column("dunning_scenario", "promise_grace_days")
    op.drop_column("promise", "broken_on")


def _protect(table: str, columns: dict[str, str]) -> None:
    inside = "".join(
        f" AND EXISTS (SELECT 1 FROM {target} AS target WHERE target.id = {table}.{column}"
        f" AND target.assignor_id = {table}.assignor_id)"
        for column, target in columns.items()
    )
    mine, write = f"{SYSTEM} OR {MINE}", f"{SYSTEM} OR ({MINE}{inside})"
    read = f"{mine} OR {LENDER}" if table == "dispute_flag" else mine
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY {table}_read ON {table} FOR SELECT USING ({read})")
    op.execute(f"CREATE POLICY {table}_insert ON {table} FOR INSERT WITH CHECK ({write})")
    op.execute(
        f"CREATE POLICY {table}_update ON {table} FOR UPDATE USING ({mine}) WITH CHECK ({write})"
    )
    if table in THROUGH_LINK:
        op.execute(
            f"CREATE POLICY {table}_through_link ON {table} FOR SELECT"
            f" USING ({KIND} = 'debtor' AND {THROUGH_LINK[table]})"
        )
    verbs = "SELECT, INSERT" if table in NEVER_CHANGED else "SELECT, INSERT, UPDATE"
    op.execute(f"GRANT {verbs} ON {table} TO portal_app")


def _create(table: str, *items: Any, indexed: bool = True) -> None:
    """A table of a tenant: its owner, what is its own, its identifier."""
    op.create_table(
        table,
        *_points(table, "assignor_id", "organisation"),
        *items,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    if indexed:
        _index(table, "assignor_id")


def _index(table: str, column: str) -> None:
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _points(table: str, column: str, target: str, *, null: bool = False) -> tuple[Any, Any]:
    name = op.f(f"fk_{table}_{column}")
    return (
        sa.Column(column, sa.Uuid(), nullable=null),
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name),
    )


def _choice(column: str, named: tuple[str, tuple[str, ...]], *, null: bool = False) -> Any:
    name, values = named
    kind = sa.Enum(*values, name=name, native_enum=False, length=40)
    return sa.Column(column, kind, nullable=null)


def _column(name: str, kind: Any, *, null: bool = False) -> Any:
    return sa.Column(name, kind, nullable=null)


def _payment_plan() -> None:
    table = "payment_plan"
    _create(
        table,
        *_points(table, "debtor_id", "debtor"),
        *_points(table, "receivable_id", "receivable"),
        *_points(table, "plan_request_id", "plan_request", null=True),
        _choice("state", PLANSTATE),
        _column("total_cents", sa.BigInteger()),
        _column("penalty_cents", sa.BigInteger()),
        _column("currency", sa.String(3)),
        _choice("penalties", PENALTYCHOICE),
        _column("acceleration", sa.Boolean()),
        _column("debtor_trades", sa.Boolean()),
        _column("grace_days", sa.BigInteger()),
        _column("letter_days", sa.BigInteger()),
        _column("written_on", sa.Date()),
        _column("proposed_at", INSTANT),
        _column("proposed_by", sa.Uuid(), null=True),
        *_points(table, "document_id", "document", null=True),
        _column("accepted_on", sa.Date(), null=True),
        _column("accepted_by_name", sa.Text(), null=True),
        *_points(table, "signed_document_id", "document", null=True),
        _column("letter_sent_on", sa.Date(), null=True),
        *_points(table, "letter_message_id", "message", null=True),
        _column("ended_on", sa.Date(), null=True),
        _column("ended_because", sa.Text(), null=True),
        sa.CheckConstraint("total_cents > 0", name=op.f("ck_payment_plan_total_positive")),
        sa.CheckConstraint(
            "penalty_cents BETWEEN 0 AND total_cents",
            name=op.f("ck_payment_plan_penalty_within_total"),
        ),
        sa.CheckConstraint(
            "grace_days >= 0 AND letter_days >= 0", name=op.f("ck_payment_plan_days_positive")
        ),
    )
    _index(table, "debtor_id")
    _index(table, "receivable_id")
    op.create_index(
        "uq_payment_plan_live",
        table,
        ["receivable_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('proposed', 'accepted', 'running')"),
    )


def _plan_instalment() -> None:
    table = "plan_instalment"
    _create(
        table,
        *_points(table, "plan_id", "payment_plan"),
        _column("number", sa.BigInteger()),
        _column("due_on", sa.Date()),
        _column("amount_cents", sa.BigInteger()),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_plan_instalment_amount_positive")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_plan_instalment_plan_id_number")),
    )


def _dispute_file() -> None:
    table = "dispute_file"
    _create(
        table,
        *_points(table, "dispute_id", "dispute"),
        *_points(table, "owner_id", "member", null=True),
        _column("answer_by", sa.Date()),
        _column("reminded_on", sa.Date(), null=True),
        _column("credit_cents", sa.BigInteger(), null=True),
        *_points(table, "credit_note_id", "credit_note", null=True),
        _column("outcome_note", sa.Text(), null=True),
        sa.CheckConstraint("credit_cents >= 0", name=op.f("ck_dispute_file_credit_positive")),
        sa.UniqueConstraint("dispute_id", name=op.f("uq_dispute_file_dispute_id")),
    )


def _dispute_word() -> None:
    table = "dispute_word"
    _create(
        table,
        *_points(table, "dispute_id", "dispute"),
        _choice("speaker", SPEAKER),
        _column("text", sa.Text()),
        _column("document_ids", postgresql.JSONB(astext_type=sa.Text())),
        *_points(table, "inbound_id", "inbound_message", null=True),
        _column("said_at", INSTANT),
        _column("said_by", sa.Uuid(), null=True),
    )
    _index(table, "dispute_id")


def _dispute_flag() -> None:
    table = "dispute_flag"
    _create(
        table,
        *_points(table, "lender_id", "organisation"),
        *_points(table, "deed_id", "deed"),
        *_points(table, "dispute_id", "dispute"),
        _column("receivable_number", sa.Text()),
        _column("amount_cents", sa.BigInteger()),
        _column("currency", sa.String(3)),
        _choice("reason", DISPUTEREASON),
        _column("opened_on", sa.Date()),
        _column("flagged_at", INSTANT),
        _choice("outcome", DISPUTEOUTCOME, null=True),
        _column("closed_on", sa.Date(), null=True),
        sa.UniqueConstraint(
            "dispute_id", "lender_id", name=op.f("uq_dispute_flag_dispute_id_lender_id")
        ),
    )
    _index(table, "lender_id")
    _index(table, "deed_id")


def _sorted_reply() -> None:
    table = "sorted_reply"
    _create(
        table,
        *_points(table, "inbound_id", "inbound_message"),
        _choice("meaning", MEANING),
        _column("rule", sa.Text()),
        _column("words", sa.Text()),
        _column("day", sa.Date(), null=True),
        _column("amount_cents", sa.BigInteger(), null=True),
        _choice("state", REPLYSTATE),
        _column("action", sa.Text(), null=True),
        _column("sorted_at", INSTANT),
        _column("decided_at", INSTANT, null=True),
        _column("decided_by", sa.Uuid(), null=True),
        sa.UniqueConstraint("inbound_id", name=op.f("uq_sorted_reply_inbound_id")),
        indexed=False,
    )
    op.create_index("ix_sorted_reply_waiting", table, ["assignor_id", "state", "meaning"])
