"""The legal road: formal notices, reviews, orders for payment, insolvencies, agencies, write-offs, evidence.

A view says what each receivable's collection must know of it. Every row points inside its tenant.

Safe on a live site: new tables and a view.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"

SYSTEM = "((SELECT viewer_kind()) = 'system')"
MINE = "(assignor_id = ANY (ARRAY(SELECT viewer_assignors())))"

INSTANT = sa.DateTime(timezone=True)

LETTERRETURN = ("letterreturn", ("unclaimed", "refused", "unknown_address"))
PARTYQUALITY = ("partyquality", ("trader", "not_trader", "consumer", "unknown"))
ROUTE = (
    "route",
    (
        "amicable_agency",
        "small_claims",
        "uncontested",
        "payment_order",
        "interim",
        "ordinary",
        "stop",
    ),
)
ORDERSTATE = (
    "orderstate",
    (
        "prepared",
        "filed",
        "granted",
        "served",
        "opposed",
        "enforceable",
        "rejected",
        "lapsed",
        "withdrawn",
        "closed",
    ),
)
COURTKIND = ("courtkind", ("commercial", "economic", "commercial_chamber", "judicial"))
INSOLVENCYKIND = ("insolvencykind", ("safeguard", "receivership", "liquidation"))
INTERRUPTIONKIND = (
    "interruptionkind",
    ("acknowledgement", "court_claim", "order_served", "enforcement"),
)
DEADLINEKIND = (
    "deadlinekind",
    (
        "limitation",
        "notice_answer",
        "order_deposit",
        "order_service",
        "order_opposition",
        "order_enforcement",
        "opposition_deposit",
        "claim_declaration",
        "claim_relief",
        "title_recovery",
    ),
)
HANDOVERSTATE = ("handoverstate", ("handed_over", "in_hand", "paid", "returned", "recalled"))
WRITEOFFREASON = (
    "writeoffreason",
    (
        "liquidation",
        "plan_waiver",
        "failed_collection",
        "time_limit",
        "commercial",
        "small_balance",
    ),
)

POINTS_TO = {
    "formal_notice": {"receivable_id": "receivable"},
    "claim_review": {"receivable_id": "receivable"},
    "payment_order": {"receivable_id": "receivable"},
    "insolvency": {"debtor_id": "debtor"},
    "interruption": {"receivable_id": "receivable"},
    "legal_warning": {},
    "collection_agency": {},
    "handover": {"receivable_id": "receivable", "agency_id": "collection_agency"},
    "write_off": {"receivable_id": "receivable"},
    "evidence_dossier": {"receivable_id": "receivable"},
}
NEVER_CHANGED = ("legal_warning", "evidence_dossier")

VIEW = """
    CREATE VIEW receivable_legal_standing WITH (security_invoker = true) AS
    SELECT r.id AS receivable_id, r.assignor_id, notice.on_day AS formal_notice_on,
           agency.handed_on AS handed_over_on, lost.decided_at AS written_off_at
    FROM receivable r
    CROSS JOIN LATERAL (
        SELECT min(coalesce(n.received_on, n.presented_on)) AS on_day
        FROM formal_notice n
        WHERE n.receivable_id = r.id AND n.cancelled_at IS NULL
          AND n.return_reason IS DISTINCT FROM 'unknown_address'
    ) notice
    CROSS JOIN LATERAL (
        SELECT max(h.handed_on) AS handed_on FROM handover h
        WHERE h.receivable_id = r.id AND h.state IN ('handed_over', 'in_hand')
    ) agency
    CROSS JOIN LATERAL (
        SELECT max(w.decided_at) AS decided_at FROM write_off w
        WHERE w.receivable_id = r.id AND w.approved AND w.reversed_at IS NULL
    ) lost
"""


def upgrade() -> None:
    _formal_notice()
    _claim_review()
    _payment_order()
    _insolvency()
    _interruption()
    _legal_warning()
    _collection_agency()
    _handover()
    _write_off()
    _evidence_dossier()
    for table, columns in POINTS_TO.items():
        _protect(table, columns)
    op.execute(VIEW)
    op.execute("GRANT SELECT ON receivable_legal_standing TO portal_app")


def downgrade() -> None:
    op.execute("DROP VIEW receivable_legal_standing")
    for table in reversed(POINTS_TO):
        op.drop_table(table)


def _protect(table: str, columns: dict[str, str]) -> None:
    inside = "".join(
        f" AND EXISTS (SELECT 1 FROM {target} AS target WHERE target.id = {table}.{column}"
        f" AND target.assignor_id = {table}.assignor_id)"
        for column, target in columns.items()
    )
    read, write = f"{SYSTEM} OR {MINE}", f"{SYSTEM} OR ({MINE}{inside})"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY {table}_read ON {table} FOR SELECT USING ({read})")
    op.execute(f"CREATE POLICY {table}_insert ON {table} FOR INSERT WITH CHECK ({write})")
    op.execute(
        f"CREATE POLICY {table}_update ON {table} FOR UPDATE USING ({read}) WITH CHECK ({write})"
    )
    verbs = "SELECT, INSERT" if table in NEVER_CHANGED else "SELECT, INSERT, UPDATE"
    op.execute(f"GRANT {verbs} ON {table} TO portal_app")


def _create(table: str, *items: Any) -> None:
    """A table of a tenant: its owner, what is its own, its identifier."""
    op.create_table(
        table,
        *_points(table, "assignor_id", "organisation"),
        *items,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_assignor_id"), table, ["assignor_id"])


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


def _formal_notice() -> None:
    _create(
        "formal_notice",
        *_points("formal_notice", "receivable_id", "receivable"),
        *_points("formal_notice", "document_id", "document"),
        sa.Column("asked_cents", sa.BigInteger(), nullable=False),
        sa.Column("written_on", sa.Date(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("deposited_on", sa.Date(), nullable=True),
        sa.Column("deposit_reference", sa.Text(), nullable=True),
        sa.Column("presented_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("returned_on", sa.Date(), nullable=True),
        _choice("return_reason", LETTERRETURN, null=True),
        *_points("formal_notice", "proof_id", "document", null=True),
        *_points("formal_notice", "message_id", "message", null=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("cancelled_at", INSTANT, nullable=True),
        sa.CheckConstraint("asked_cents > 0", name=op.f("ck_formal_notice_asked_positive")),
    )
    op.create_index(op.f("ix_formal_notice_receivable_id"), "formal_notice", ["receivable_id"])


def _claim_review() -> None:
    _create(
        "claim_review",
        *_points("claim_review", "receivable_id", "receivable"),
        _choice("creditor_quality", PARTYQUALITY),
        _choice("debtor_quality", PARTYQUALITY),
        sa.Column("carriage", sa.Boolean(), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        _choice("route", ROUTE, null=True),
        sa.Column("reviewed_at", INSTANT, nullable=False),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.UniqueConstraint("receivable_id", name=op.f("uq_claim_review_receivable_id")),
    )


def _payment_order() -> None:
    _create(
        "payment_order",
        *_points("payment_order", "receivable_id", "receivable"),
        _choice("state", ORDERSTATE),
        _choice("court_kind", COURTKIND),
        sa.Column("court_name", sa.Text(), nullable=False),
        sa.Column("representative", sa.Text(), nullable=False),
        sa.Column("asked_cents", sa.BigInteger(), nullable=False),
        *_points("payment_order", "document_id", "document", null=True),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("ordered_on", sa.Date(), nullable=True),
        sa.Column("granted_cents", sa.BigInteger(), nullable=True),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.Column("served_in_person", sa.Boolean(), nullable=True),
        sa.Column("first_personal_act_on", sa.Date(), nullable=True),
        sa.Column("opposed_on", sa.Date(), nullable=True),
        sa.Column("enforceable_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("asked_cents > 0", name=op.f("ck_payment_order_asked_positive")),
        sa.CheckConstraint(
            "granted_cents IS NULL OR granted_cents > 0",
            name=op.f("ck_payment_order_granted_positive"),
        ),
    )
    op.create_index(op.f("ix_payment_order_receivable_id"), "payment_order", ["receivable_id"])
    op.create_index(
        "uq_payment_order_live",
        "payment_order",
        ["receivable_id"],
        unique=True,
        postgresql_where=sa.text(
            "state IN ('prepared', 'filed', 'granted', 'served', 'opposed', 'enforceable')"
        ),
    )


def _insolvency() -> None:
    _create(
        "insolvency",
        *_points("insolvency", "debtor_id", "debtor"),
        _choice("kind", INSOLVENCYKIND),
        sa.Column("judgment_on", sa.Date(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("court_name", sa.Text(), nullable=False),
        sa.Column("representative_name", sa.Text(), nullable=False),
        sa.Column("representative_address", sa.Text(), nullable=False),
        sa.Column("creditor_abroad", sa.Boolean(), nullable=False),
        sa.Column("security_note", sa.Text(), nullable=True),
        sa.Column("title_retained", sa.Boolean(), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=True),
        sa.Column("declared_cents", sa.BigInteger(), nullable=True),
        sa.Column("post_reference", sa.Text(), nullable=True),
        *_points("insolvency", "document_id", "document", null=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "published_on IS NULL OR published_on >= judgment_on",
            name=op.f("ck_insolvency_published_after_judgment"),
        ),
        sa.UniqueConstraint(
            "debtor_id", "judgment_on", name=op.f("uq_insolvency_debtor_id_judgment_on")
        ),
    )
    op.create_index(op.f("ix_insolvency_debtor_id"), "insolvency", ["debtor_id"])


def _interruption() -> None:
    _create(
        "interruption",
        *_points("interruption", "receivable_id", "receivable"),
        _choice("kind", INTERRUPTIONKIND),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        *_points("interruption", "document_id", "document", null=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", INSTANT, nullable=True),
    )
    op.create_index(op.f("ix_interruption_receivable_id"), "interruption", ["receivable_id"])


def _legal_warning() -> None:
    _create(
        "legal_warning",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        _choice("kind", DEADLINEKIND),
        sa.Column("deadline_on", sa.Date(), nullable=False),
        sa.Column("ahead", sa.Text(), nullable=False),
        sa.Column("warned_at", INSTANT, nullable=False),
        sa.UniqueConstraint(
            "subject_id",
            "kind",
            "deadline_on",
            "ahead",
            name=op.f("uq_legal_warning_subject_id_kind_deadline_on_ahead"),
        ),
    )


def _collection_agency() -> None:
    _create(
        "collection_agency",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("mandate_signed_on", sa.Date(), nullable=False),
        sa.Column("mandate_ends_on", sa.Date(), nullable=True),
        sa.Column("insured", sa.Boolean(), nullable=False),
        sa.Column("declared", sa.Boolean(), nullable=False),
        sa.Column("fee_terms", sa.Text(), nullable=False),
        *_points("collection_agency", "document_id", "document", null=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.UniqueConstraint(
            "assignor_id", "name", name=op.f("uq_collection_agency_assignor_id_name")
        ),
    )


def _handover() -> None:
    _create(
        "handover",
        *_points("handover", "receivable_id", "receivable"),
        *_points("handover", "agency_id", "collection_agency"),
        _choice("state", HANDOVERSTATE),
        sa.Column("handed_on", sa.Date(), nullable=False),
        sa.Column("principal_cents", sa.BigInteger(), nullable=False),
        sa.Column("penalties_cents", sa.BigInteger(), nullable=False),
        sa.Column("indemnity_cents", sa.BigInteger(), nullable=False),
        sa.Column("agency_reference", sa.Text(), nullable=True),
        sa.Column("status_note", sa.Text(), nullable=True),
        sa.Column("status_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        *_points("handover", "document_id", "document", null=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("principal_cents > 0", name=op.f("ck_handover_principal_positive")),
    )
    op.create_index(op.f("ix_handover_agency_id"), "handover", ["agency_id"])
    op.create_index(op.f("ix_handover_receivable_id"), "handover", ["receivable_id"])
    op.create_index(
        "uq_handover_live",
        "handover",
        ["receivable_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('handed_over', 'in_hand')"),
    )


def _write_off() -> None:
    _create(
        "write_off",
        *_points("write_off", "receivable_id", "receivable"),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        _choice("reason", WRITEOFFREASON),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("vat_on_debits", sa.Boolean(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_alone", sa.Boolean(), nullable=False),
        *_points("write_off", "document_id", "document", null=True),
        sa.Column("reversed_at", INSTANT, nullable=True),
        sa.Column("reversed_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_write_off_amount_positive")),
    )
    op.create_index(op.f("ix_write_off_receivable_id"), "write_off", ["receivable_id"])
    op.create_index(
        "uq_write_off_live",
        "write_off",
        ["receivable_id"],
        unique=True,
        postgresql_where=sa.text("approved IS NOT FALSE AND reversed_at IS NULL"),
    )


def _evidence_dossier() -> None:
    _create(
        "evidence_dossier",
        *_points("evidence_dossier", "receivable_id", "receivable"),
        *_points("evidence_dossier", "pdf_id", "document"),
        *_points("evidence_dossier", "archive_id", "document"),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.Column("files", sa.BigInteger(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
    )
    op.create_index(
        op.f("ix_evidence_dossier_receivable_id"), "evidence_dossier", ["receivable_id"]
    )
