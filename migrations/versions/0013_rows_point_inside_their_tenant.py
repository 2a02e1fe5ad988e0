"""A row may only point to rows of its own tenant, and nobody writes what is for another party to say.

A broker cannot give itself a mandate nor rename its client, an assignor cannot write a lender's offer, a
lender cannot answer a submission made to another, and a document is granted by its owner.

Safe on a live site: policies replaced; existing rows are not read.
"""

from alembic import op

revision = "0013"
down_revision = "0012"

KIND = "(SELECT viewer_kind())"
ME = "(SELECT viewer_organisation())"
SYSTEM = f"({KIND} = 'system')"
OWN = f"{SYSTEM} OR (assignor_id = ANY (ARRAY(SELECT viewer_assignors())))"
OF_THE_LENDER = f"({KIND} = 'lender' AND lender_id = {ME})"
OF_A_PROSPECT = f"({KIND} = 'door' AND state = 'prospect')"
GRANTED_BY_OWNER = f"(owner_id = ANY (ARRAY(SELECT viewer_assignors()))) OR (owner_id = {ME})"
ONE_SIDE = (
    f"({KIND} = 'assignor' AND assignor_id = {ME}) OR ({KIND} = 'broker' AND broker_id = {ME})"
)

POINTS_TO = {
    "receivable": {"debtor_id": "debtor"},
    "funding_line": {"request_id": "funding_request", "receivable_id": "receivable"},
    "submission": {"request_id": "funding_request"},
    "assignment": {"deed_id": "deed", "receivable_id": "receivable"},
    "payment_allocation": {"receivable_id": "receivable"},
    "promise": {"receivable_id": "receivable"},
    "dispute": {"receivable_id": "receivable"},
}


def _belongs(table: str, column: str, target: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM {target} AS target WHERE target.id = {table}.{column}"
        f" AND target.assignor_id = {table}.assignor_id)"
    )


def _inside(table: str) -> str:
    belongs = " AND ".join(_belongs(table, *points) for points in POINTS_TO[table].items())
    return f"{SYSTEM} OR ((assignor_id = ANY (ARRAY(SELECT viewer_assignors()))) AND {belongs})"


def upgrade() -> None:
    for table in POINTS_TO:
        _replace(table, "insert", _inside(table))
        _replace(table, "update", _inside(table))
    _replace("organisation", "update", f"{SYSTEM} OR (id = {ME}) OR {OF_A_PROSPECT}")
    _replace("offer", "insert", SYSTEM)
    _replace(
        "lender_event",
        "insert",
        f"{SYSTEM} OR ({OF_THE_LENDER} AND submission_id IN"
        f" (SELECT id FROM submission WHERE submission.lender_id = {ME}))",
    )
    _replace(
        "document_grant",
        "insert",
        f"{SYSTEM} OR (({GRANTED_BY_OWNER}) AND EXISTS (SELECT 1 FROM document AS given"
        " WHERE given.id = document_grant.document_id"
        " AND given.owner_id = document_grant.owner_id))",
    )
    for verb, left_to_it in (("insert", "state = 'asked'"), ("update", "state <> 'live'")):
        _replace(
            "mandate",
            verb,
            f"{SYSTEM} OR ({KIND} = 'assignor' AND assignor_id = {ME})"
            f" OR ({KIND} = 'broker' AND broker_id = {ME} AND {left_to_it})",
        )


def downgrade() -> None:
    for table in POINTS_TO:
        _replace(table, "insert", OWN)
        _replace(table, "update", OWN)
    _replace(
        "organisation",
        "update",
        f"{SYSTEM} OR (id = {ME}) OR {OF_A_PROSPECT} OR (id = ANY (ARRAY(SELECT viewer_assignors())))",
    )
    _replace("offer", "insert", OWN)
    _replace("lender_event", "insert", f"{SYSTEM} OR {OF_THE_LENDER}")
    _replace("document_grant", "insert", f"{SYSTEM} OR {GRANTED_BY_OWNER}")
    for verb in ("insert", "update"):
        _replace("mandate", verb, f"{SYSTEM} OR {ONE_SIDE}")


def _replace(table: str, verb: str, rule: str) -> None:
    op.execute(f"ALTER POLICY {table}_{verb} ON {table} WITH CHECK ({rule})")
