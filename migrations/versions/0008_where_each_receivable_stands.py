"""A view derives what is paid, credited, disputed and owed on each receivable; none of it is stored.

Safe on a live site: a view only. It reads with its reader's rights, so row-level security applies.
"""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("""
        CREATE VIEW receivable_position WITH (security_invoker = true) AS
        SELECT
            r.id AS receivable_id,
            r.assignor_id,
            r.debtor_id,
            r.due_on,
            paid.cents AS paid_cents,
            paid.last_on AS last_paid_on,
            credited.cents AS credited_cents,
            disputed.cents AS disputed_cents,
            CASE WHEN r.cancelled_at IS NULL
                 THEN greatest(r.face_cents - r.prepaid_cents - paid.cents - credited.cents, 0)
                 ELSE 0 END AS outstanding_cents,
            promised.promised_for,
            live.deed_id,
            live.lender_id
        FROM receivable r
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(a.principal_cents), 0)::bigint AS cents, max(p.received_on) AS last_on
            FROM payment_allocation a JOIN payment p ON p.id = a.payment_id
            WHERE a.receivable_id = r.id AND a.undone_at IS NULL AND p.undone_at IS NULL
        ) paid
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(c.amount_cents), 0)::bigint AS cents
            FROM credit_note c WHERE c.receivable_id = r.id
        ) credited
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(d.amount_cents), 0)::bigint AS cents
            FROM dispute d WHERE d.receivable_id = r.id AND d.closed_on IS NULL
        ) disputed
        CROSS JOIN LATERAL (
            SELECT max(m.promised_for) AS promised_for
            FROM promise m WHERE m.receivable_id = r.id AND m.cancelled_at IS NULL
        ) promised
        LEFT JOIN LATERAL (
            SELECT s.deed_id, s.lender_id
            FROM assignment s WHERE s.receivable_id = r.id AND s.released_at IS NULL
            LIMIT 1
        ) live ON true
    """)


def downgrade() -> None:
    op.execute("DROP VIEW receivable_position")
