"""A debtor without account opens a signed link, sees what it covers and nothing else, and says things through it.

The viewer ``debtor`` reads and never writes: what a debtor says is written by a service in its creditor's name.
Policies of their own are added to the tables it reads; the three tables that every signed-in viewer may read in
part (organisations, lenders, rate cards) are closed to it, but for its creditor and a notified assignee.

Safe on a live site: new tables, and policies added; existing ones are not touched.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"

KIND = "(SELECT viewer_kind())"
SYSTEM = f"({KIND} = 'system')"
DEBTOR = f"{KIND} = 'debtor'"
OWN = f"{SYSTEM} OR (assignor_id = ANY (ARRAY(SELECT viewer_assignors())))"

FUNCTIONS = """
CREATE FUNCTION viewer_link() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT id FROM debtor_link
    WHERE viewer_kind() = 'debtor' AND revoked_at IS NULL AND expires_on >= (SELECT business_day())
      AND id = nullif(current_setting('portal.viewer_link', true), '')::uuid
$$;

CREATE FUNCTION link_receivables() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT receivable_id FROM debtor_link_line WHERE link_id = (SELECT viewer_link())
$$;

CREATE FUNCTION link_debtor() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT debtor_id FROM debtor_link WHERE id = (SELECT viewer_link())
$$;

CREATE FUNCTION link_creditor() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT assignor_id FROM debtor_link WHERE id = (SELECT viewer_link())
$$;

CREATE FUNCTION link_notified_deeds() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT deed.id FROM deed JOIN assignment ON assignment.deed_id = deed.id
    WHERE deed.notified_on IS NOT NULL AND assignment.released_at IS NULL
      AND assignment.receivable_id IN (SELECT link_receivables())
$$;

CREATE FUNCTION link_payees() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT link_creditor() UNION ALL
    SELECT lender_id FROM deed WHERE id IN (SELECT link_notified_deeds())
$$;

CREATE FUNCTION link_payments() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT payment_id FROM payment_allocation WHERE receivable_id IN (SELECT link_receivables())
$$;

CREATE FUNCTION link_documents() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT document.id FROM document JOIN receivable ON receivable.document_id = document.id
    WHERE document.kind = 'invoice' AND receivable.id IN (SELECT link_receivables())
    UNION ALL
    SELECT document_id FROM debtor_word WHERE link_id = (SELECT viewer_link())
$$;
"""
FUNCTION_NAMES = (
    "link_documents",
    "link_payments",
    "link_payees",
    "link_notified_deeds",
    "link_creditor",
    "link_debtor",
    "link_receivables",
    "viewer_link",
)

COVERED = "receivable_id IN (SELECT link_receivables())"
OF_THE_LINK = "link_id = (SELECT viewer_link())"
SEEN = {
    "debtor_link": "id = (SELECT viewer_link())",
    "debtor_link_line": OF_THE_LINK,
    "debtor_word": OF_THE_LINK,
    "plan_request": OF_THE_LINK,
    "receivable": "id IN (SELECT link_receivables())",
    "debtor": "id = (SELECT link_debtor())",
    "organisation": "id IN (SELECT link_payees())",
    "credit_note": COVERED,
    "payment": "id IN (SELECT link_payments())",
    "payment_allocation": COVERED,
    "promise": COVERED,
    "dispute": COVERED,
    "assignment": f"{COVERED} AND deed_id IN (SELECT link_notified_deeds())",
    "deed": "id IN (SELECT link_notified_deeds())",
    "document": "id IN (SELECT link_documents())",
}
"""What the viewer ``debtor`` reads, table by table: all it reads."""

CLOSED = {
    "organisation": "id IN (SELECT link_payees())",
    "lender_profile": "organisation_id IN (SELECT link_payees())",
    "rate_card": "false",
}
"""Tables that show something to every signed-in viewer: not to this one."""

POINTS_TO = {
    "debtor_link": {"debtor_id": "debtor"},
    "debtor_link_line": {"link_id": "debtor_link", "receivable_id": "receivable"},
    "debtor_word": {"link_id": "debtor_link", "debtor_id": "debtor"},
    "plan_request": {"debtor_id": "debtor", "receivable_id": "receivable"},
}


def upgrade() -> None:
    _links()
    _words()
    op.execute(FUNCTIONS)
    for table, columns in POINTS_TO.items():
        _protect(table, columns)
    for table, rule in SEEN.items():
        op.execute(
            f"CREATE POLICY {table}_through_link ON {table} FOR SELECT USING ({DEBTOR} AND {rule})"
        )
    for table, rule in CLOSED.items():
        op.execute(
            f"CREATE POLICY {table}_not_through_link ON {table} AS RESTRICTIVE FOR SELECT"
            f" USING ({KIND} <> 'debtor' OR {rule})"
        )


def downgrade() -> None:
    for table in CLOSED:
        op.execute(f"DROP POLICY {table}_not_through_link ON {table}")
    for table in SEEN:
        op.execute(f"DROP POLICY {table}_through_link ON {table}")
    for table in POINTS_TO:
        for verb in ("update", "insert", "read"):
            op.execute(f"DROP POLICY {table}_{verb} ON {table}")
    for name in FUNCTION_NAMES:
        op.execute(f"DROP FUNCTION {name}()")
    for table in ("plan_request", "debtor_word", "debtor_link_line", "debtor_link"):
        op.drop_table(table)


def _links() -> None:
    _create(
        "debtor_link",
        _points_to("assignor_id", "organisation"),
        _points_to("debtor_id", "debtor"),
        (sa.Column("token_hash", sa.String(64), nullable=False), None),
        _instant("created_at", needed=True),
        (sa.Column("created_by", sa.Uuid()), None),
        (sa.Column("expires_on", sa.Date(), nullable=False), None),
        _instant("opened_at"),
        _instant("revoked_at"),
        (sa.Column("revoked_by", sa.Uuid()), None),
        unique=("token_hash",),
    )
    _create(
        "debtor_link_line",
        _points_to("link_id", "debtor_link"),
        _points_to("receivable_id", "receivable"),
        _points_to("assignor_id", "organisation"),
        key=("link_id", "receivable_id"),
    )
    _index("debtor_link", "assignor_id", "debtor_id")
    _index("debtor_link_line", "assignor_id", "receivable_id")


def _words() -> None:
    texts = ("method", "note", "contact_name", "contact_email", "contact_phone")
    _create(
        "debtor_word",
        _points_to("assignor_id", "organisation"),
        _points_to("debtor_id", "debtor"),
        _points_to("link_id", "debtor_link"),
        _points_to("receivable_id", "receivable", needed=False),
        (sa.Column("kind", sa.String(40), nullable=False), None),
        (sa.Column("state", sa.String(40), nullable=False), None),
        (sa.Column("form_token", sa.Text(), nullable=False), None),
        _instant("said_at", needed=True),
        (sa.Column("amount_cents", sa.BigInteger()), None),
        (sa.Column("day", sa.Date()), None),
        *((sa.Column(name, sa.Text()), None) for name in texts),
        _points_to("document_id", "document", needed=False),
        (sa.Column("subject_id", sa.Uuid()), None),
        _instant("answered_at"),
        (sa.Column("answered_by", sa.Uuid()), None),
        unique=("link_id", "form_token"),
    )
    _create(
        "plan_request",
        _points_to("assignor_id", "organisation"),
        _points_to("debtor_id", "debtor"),
        _points_to("receivable_id", "receivable"),
        _points_to("link_id", "debtor_link", needed=False),
        (sa.Column("instalments", postgresql.JSONB(), nullable=False), None),
        (sa.Column("note", sa.Text()), None),
        _instant("asked_at", needed=True),
        _instant("answered_at"),
        (sa.Column("answered_by", sa.Uuid()), None),
        (sa.Column("accepted", sa.Boolean()), None),
    )
    _index("debtor_word", "assignor_id", "debtor_id", "link_id", "receivable_id")
    _index("plan_request", "assignor_id", "debtor_id", "receivable_id")


Made = tuple["sa.Column[object]", str | None]


def _create(
    table: str, *made: Made, key: tuple[str, ...] = ("id",), unique: tuple[str, ...] = ()
) -> None:
    columns = [column for column, _ in made]
    if key == ("id",):
        columns.append(sa.Column("id", sa.Uuid(), nullable=False))
    rules: list[sa.Constraint] = [sa.PrimaryKeyConstraint(*key, name=f"pk_{table}")]
    if unique:
        rules.append(sa.UniqueConstraint(*unique, name=f"uq_{table}_{'_'.join(unique)}"))
    rules += [
        sa.ForeignKeyConstraint([column.name], [f"{target}.id"], name=f"fk_{table}_{column.name}")
        for column, target in made
        if target
    ]
    op.create_table(table, *columns, *rules)


def _points_to(column: str, target: str, *, needed: bool = True) -> Made:
    return sa.Column(column, sa.Uuid(), nullable=not needed), target


def _instant(column: str, *, needed: bool = False) -> Made:
    return sa.Column(column, sa.DateTime(timezone=True), nullable=not needed), None


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def _protect(table: str, columns: dict[str, str]) -> None:
    """An assignor reads its own rows and writes those that point inside its tenant; nothing is deleted."""
    inside = "".join(
        f" AND EXISTS (SELECT 1 FROM {target} AS target WHERE target.id = {table}.{column}"
        f" AND target.assignor_id = {table}.assignor_id)"
        for column, target in columns.items()
    )
    rule = f"{SYSTEM} OR ((assignor_id = ANY (ARRAY(SELECT viewer_assignors()))){inside})"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY {table}_read ON {table} FOR SELECT USING ({OWN})")
    op.execute(f"CREATE POLICY {table}_insert ON {table} FOR INSERT WITH CHECK ({rule})")
    op.execute(
        f"CREATE POLICY {table}_update ON {table} FOR UPDATE USING ({OWN}) WITH CHECK ({rule})"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO portal_app")
