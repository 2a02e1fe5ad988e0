"""Who follows each debtor, calls and their outcomes, follow-ups, notes, absences; what secures a debt.

Safe on a live site: new tables, one new empty column.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

SYSTEM = "((SELECT viewer_kind()) = 'system')"
MINE = "(assignor_id = ANY (ARRAY(SELECT viewer_assignors())))"
POINTS_TO = {
    "debtor_call": {"debtor_id": "debtor"},
    "debtor_note": {"debtor_id": "debtor"},
    "follow_up": {"debtor_id": "debtor", "note_id": "debtor_note"},
    "absence": {},
    "guarantee": {"debtor_id": "debtor"},
}
NEVER_CHANGED = ("debtor_call", "debtor_note")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("debtor", sa.Column("collector_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_debtor_collector_id"), "debtor", "member", ["collector_id"], ["id"]
    )
    op.create_index(op.f("ix_debtor_collector_id"), "debtor", ["collector_id"])
    _calls_and_notes()
    _follow_ups()
    _absences()
    _guarantees()
    for table, columns in POINTS_TO.items():
        op.create_index(op.f(f"ix_{table}_assignor_id"), table, ["assignor_id"])
        _protect(table, columns)


def downgrade() -> None:
    for table in ("guarantee", "absence", "follow_up", "debtor_note", "debtor_call"):
        op.execute(f"REVOKE ALL ON {table} FROM portal_app")
        op.drop_table(table)
    op.drop_index(op.f("ix_debtor_collector_id"), "debtor")
    op.drop_constraint(op.f("fk_debtor_collector_id"), "debtor")
    op.drop_column("debtor", "collector_id")


def _calls_and_notes() -> None:
    outcomes = ("no_answer", "promise", "will_pay_on", "dispute", "wrong_number", "other")
    _create(
        "debtor_call",
        *_points("debtor_call", "debtor_id", "debtor"),
        sa.Column("outcome", _words("calloutcome", *outcomes), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
    )
    op.create_index("ix_debtor_call_latest", "debtor_call", ["debtor_id", "made_at"])
    _create(
        "debtor_note",
        *_points("debtor_note", "debtor_id", "debtor"),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
    )
    op.create_index(op.f("ix_debtor_note_debtor_id"), "debtor_note", ["debtor_id"])


def _follow_ups() -> None:
    kinds = ("call_again", "check_payment", "find_number", "postponed", "mention")
    _create(
        "follow_up",
        *_points("follow_up", "debtor_id", "debtor"),
        sa.Column("kind", _words("followupkind", *kinds), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        *_points("follow_up", "for_member", "member", nullable=True),
        *_points("follow_up", "note_id", "debtor_note", nullable=True),
        sa.Column("because", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
    )
    op.create_index(op.f("ix_follow_up_debtor_id"), "follow_up", ["debtor_id"])
    op.create_index(
        "ix_follow_up_open",
        "follow_up",
        ["assignor_id", "due_on"],
        postgresql_where="done_at IS NULL",
    )


def _absences() -> None:
    _create(
        "absence",
        *_points("absence", "member_id", "member"),
        *_points("absence", "substitute_id", "member"),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("said_by", sa.Uuid(), nullable=True),
        sa.Column("cancelled_at", INSTANT, nullable=True),
        sa.CheckConstraint("from_on <= to_on", name=op.f("ck_absence_ends_after_it_begins")),
        sa.CheckConstraint("member_id <> substitute_id", name=op.f("ck_absence_somebody_else")),
    )


def _guarantees() -> None:
    kinds = ("aval", "surety", "retained_title", "other")
    _create(
        "guarantee",
        *_points("guarantee", "debtor_id", "debtor"),
        sa.Column("kind", _words("guaranteekind", *kinds), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=True),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        *_points("guarantee", "document_id", "document", nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_guarantee_amount_positive")),
    )
    op.create_index(op.f("ix_guarantee_debtor_id"), "guarantee", ["debtor_id"])


def _create(table: str, *items: Any) -> None:
    op.create_table(
        table,
        *_points(table, "assignor_id", "organisation"),
        *items,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _points(table: str, column: str, target: str, *, nullable: bool = False) -> tuple[Any, ...]:
    name = op.f(f"fk_{table}_{column}")
    return (
        sa.Column(column, sa.Uuid(), nullable=nullable),
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name),
    )


def _words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40)


def _protect(table: str, columns: dict[str, str]) -> None:
    belongs = "".join(
        f" AND ({table}.{column} IS NULL OR EXISTS (SELECT 1 FROM {target} AS target"
        f" WHERE target.id = {table}.{column} AND target.assignor_id = {table}.assignor_id))"
        for column, target in columns.items()
    )
    seen, written = f"{SYSTEM} OR {MINE}", f"{SYSTEM} OR ({MINE}{belongs})"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY {table}_read ON {table} FOR SELECT USING ({seen})")
    op.execute(f"CREATE POLICY {table}_insert ON {table} FOR INSERT WITH CHECK ({written})")
    verbs = "SELECT, INSERT"
    if table not in NEVER_CHANGED:
        verbs += ", UPDATE"
        op.execute(
            f"CREATE POLICY {table}_update ON {table} FOR UPDATE USING ({seen})"
            f" WITH CHECK ({written})"
        )
    op.execute(f"GRANT {verbs} ON {table} TO portal_app")
