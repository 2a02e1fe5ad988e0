"""Row-level security: each transaction says who is looking, and sees that tenant's rows only.

The application connects as ``portal_app``, which owns nothing and cannot bypass these policies. The viewer is
set per transaction (portal.db). Lenders see what was submitted to them; brokers, what live mandates open;
operators never see a lender's answer.

Safe on a live site: enabling takes a short lock on each table.
"""

from alembic import op

revision = "0009"
down_revision = "0008"

FUNCTIONS = """
CREATE FUNCTION viewer_kind() RETURNS text LANGUAGE sql STABLE AS
$$ SELECT coalesce(nullif(current_setting('portal.viewer_kind', true), ''), 'nobody') $$;

CREATE FUNCTION viewer_organisation() RETURNS uuid LANGUAGE sql STABLE AS
$$ SELECT nullif(current_setting('portal.viewer_organisation', true), '')::uuid $$;

CREATE FUNCTION viewer_member() RETURNS uuid LANGUAGE sql STABLE AS
$$ SELECT nullif(current_setting('portal.viewer_member', true), '')::uuid $$;

CREATE FUNCTION viewer_assignors() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT viewer_organisation() WHERE viewer_kind() = 'assignor'
    UNION ALL
    SELECT assignor_id FROM mandate
    WHERE viewer_kind() = 'broker' AND broker_id = viewer_organisation() AND state = 'live'
$$;

CREATE FUNCTION viewer_memberships() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT organisation_id FROM membership
    WHERE member_id = viewer_member() AND revoked_at IS NULL
$$;

CREATE FUNCTION viewer_colleagues() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT member_id FROM membership
    WHERE organisation_id = viewer_organisation() AND revoked_at IS NULL
$$;

CREATE FUNCTION viewer_requests() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT request_id FROM submission
    WHERE viewer_kind() = 'lender' AND lender_id = viewer_organisation()
      AND state NOT IN ('prepared', 'policy_blocked', 'delivery_failed')
$$;

CREATE FUNCTION viewer_receivables() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT receivable_id FROM funding_line WHERE request_id IN (SELECT viewer_requests())
$$;

CREATE FUNCTION viewer_debtors() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT debtor_id FROM receivable WHERE id IN (SELECT viewer_receivables())
$$;

CREATE FUNCTION viewer_counterparts() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT assignor_id FROM funding_request WHERE id IN (SELECT viewer_requests())
    UNION ALL
    SELECT broker_id FROM funding_request
    WHERE id IN (SELECT viewer_requests()) AND broker_id IS NOT NULL
    UNION ALL
    SELECT broker_id FROM mandate
    WHERE viewer_kind() = 'assignor' AND assignor_id = viewer_organisation()
    UNION ALL
    SELECT assignor_id FROM mandate
    WHERE viewer_kind() = 'broker' AND broker_id = viewer_organisation()
$$;

CREATE FUNCTION viewer_granted_documents() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT document_id FROM document_grant WHERE organisation_id = viewer_organisation()
$$;
"""

FUNCTION_NAMES = (
    "viewer_granted_documents",
    "viewer_counterparts",
    "viewer_debtors",
    "viewer_receivables",
    "viewer_requests",
    "viewer_colleagues",
    "viewer_memberships",
    "viewer_assignors",
    "viewer_member",
    "viewer_organisation",
    "viewer_kind",
)

KIND = "(SELECT viewer_kind())"
ME = "(SELECT viewer_organisation())"
MYSELF = "(SELECT viewer_member())"
SYSTEM = f"{KIND} = 'system'"
DOOR = f"{KIND} = 'door'"
OPERATOR = f"{KIND} = 'operator'"
LENDER = f"{KIND} = 'lender'"
SIGNED_IN = f"{KIND} <> 'nobody'"
ASSIGNOR_ROW = "assignor_id = ANY (ARRAY(SELECT viewer_assignors()))"
LENDER_ROW = f"({LENDER} AND lender_id = {ME})"
IN_MY_DOSSIERS = f"({LENDER} AND receivable_id IN (SELECT viewer_receivables()))"


def any_of(*conditions: str) -> str:
    return " OR ".join(f"({condition})" for condition in conditions)


OWN = any_of(SYSTEM, ASSIGNOR_ROW)
OWN_OR_LENDERS = any_of(SYSTEM, ASSIGNOR_ROW, LENDER_ROW)

POLICIES: dict[str, tuple[str, str]] = {
    "organisation": (
        any_of(
            SYSTEM,
            OPERATOR,
            f"id = {ME}",
            "id = ANY (ARRAY(SELECT viewer_assignors()))",
            "id IN (SELECT viewer_memberships())",
            "id IN (SELECT viewer_counterparts())",
            f"{SIGNED_IN} AND kind = 'lender' AND state = 'active'",
        ),
        any_of(
            SYSTEM,
            f"id = {ME}",
            "id = ANY (ARRAY(SELECT viewer_assignors()))",
            f"{DOOR} AND state = 'prospect'",
        ),
    ),
    "member": (
        any_of(SYSTEM, OPERATOR, DOOR, f"id = {MYSELF}", "id IN (SELECT viewer_colleagues())"),
        any_of(SYSTEM, DOOR, f"id = {MYSELF}"),
    ),
    "passkey": (
        any_of(SYSTEM, DOOR, f"member_id = {MYSELF}"),
        any_of(SYSTEM, DOOR, f"member_id = {MYSELF}"),
    ),
    "membership": (
        any_of(SYSTEM, OPERATOR, f"member_id = {MYSELF}", f"organisation_id = {ME}"),
        any_of(SYSTEM, f"organisation_id = {ME}"),
    ),
    "invitation": (
        any_of(SYSTEM, f"organisation_id = {ME}"),
        any_of(SYSTEM, f"organisation_id = {ME}"),
    ),
    "application": (
        any_of(
            SYSTEM,
            f"organisation_id = {ME}",
            "organisation_id = ANY (ARRAY(SELECT viewer_assignors()))",
        ),
        any_of(
            SYSTEM,
            DOOR,
            f"organisation_id = {ME}",
            "organisation_id = ANY (ARRAY(SELECT viewer_assignors()))",
        ),
    ),
    "demo_calendar": ("true", any_of(SYSTEM, OPERATOR)),
    "audit_entry": (
        any_of(
            SYSTEM,
            OPERATOR,
            f"organisation_id = {ME}",
            "organisation_id = ANY (ARRAY(SELECT viewer_assignors()))",
        ),
        any_of(
            SYSTEM,
            f"organisation_id = {ME}",
            "organisation_id = ANY (ARRAY(SELECT viewer_assignors()))",
        ),
    ),
    "state_move": (OWN_OR_LENDERS, OWN_OR_LENDERS),
    "document": (
        any_of(
            SYSTEM,
            f"owner_id = {ME}",
            "owner_id = ANY (ARRAY(SELECT viewer_assignors()))",
            "id IN (SELECT viewer_granted_documents())",
        ),
        any_of(SYSTEM, f"owner_id = {ME}", "owner_id = ANY (ARRAY(SELECT viewer_assignors()))"),
    ),
    "document_grant": (
        any_of(
            SYSTEM,
            f"organisation_id = {ME}",
            "owner_id = ANY (ARRAY(SELECT viewer_assignors()))",
        ),
        any_of(SYSTEM, "owner_id = ANY (ARRAY(SELECT viewer_assignors()))", f"owner_id = {ME}"),
    ),
    "message": (
        any_of(
            SYSTEM,
            OPERATOR,
            f"organisation_id = {ME}",
            "organisation_id = ANY (ARRAY(SELECT viewer_assignors()))",
        ),
        any_of(
            SYSTEM,
            DOOR,
            f"organisation_id = {ME}",
            "organisation_id = ANY (ARRAY(SELECT viewer_assignors()))",
        ),
    ),
    "mandate": (
        any_of(
            SYSTEM,
            OPERATOR,
            f"{KIND} = 'assignor' AND assignor_id = {ME}",
            f"{KIND} = 'broker' AND broker_id = {ME}",
        ),
        any_of(
            SYSTEM,
            f"{KIND} = 'assignor' AND assignor_id = {ME}",
            f"{KIND} = 'broker' AND broker_id = {ME}",
        ),
    ),
    "debtor": (any_of(OWN, f"{LENDER} AND id IN (SELECT viewer_debtors())"), OWN),
    "import_batch": (OWN, OWN),
    "receivable": (any_of(OWN, f"{LENDER} AND id IN (SELECT viewer_receivables())"), OWN),
    "import_row": (OWN, OWN),
    "credit_note": (any_of(OWN, IN_MY_DOSSIERS), OWN),
    "payment": (
        any_of(
            OWN,
            f"{LENDER} AND id IN (SELECT payment_id FROM payment_allocation)",
        ),
        OWN,
    ),
    "payment_allocation": (any_of(OWN, IN_MY_DOSSIERS), OWN),
    "lender_profile": (SIGNED_IN, any_of(SYSTEM, f"{LENDER} AND organisation_id = {ME}")),
    "lender_secret": (SYSTEM, SYSTEM),
    "rate_card": (SIGNED_IN, any_of(SYSTEM, LENDER_ROW)),
    "debtor_limit": (any_of(SYSTEM, LENDER_ROW), any_of(SYSTEM, LENDER_ROW)),
    "quote": (any_of(OWN, f"{LENDER_ROW} AND {IN_MY_DOSSIERS}"), OWN),
    "funding_request": (any_of(OWN, f"{LENDER} AND id IN (SELECT viewer_requests())"), OWN),
    "funding_line": (any_of(OWN, f"{LENDER} AND request_id IN (SELECT viewer_requests())"), OWN),
    "submission": (
        any_of(
            OWN,
            f"{LENDER_ROW} AND state NOT IN ('prepared', 'policy_blocked', 'delivery_failed')",
        ),
        OWN,
    ),
    "offer": (OWN_OR_LENDERS, OWN),
    "lender_event": (any_of(SYSTEM, LENDER_ROW), any_of(SYSTEM, LENDER_ROW)),
    "deed": (OWN_OR_LENDERS, OWN),
    "assignment": (OWN_OR_LENDERS, OWN),
    "journal_entry": (OWN_OR_LENDERS, SYSTEM),
    "posting": (OWN_OR_LENDERS, SYSTEM),
    "movement": (OWN_OR_LENDERS, SYSTEM),
    "dunning_plan": (OWN, OWN),
    "reminder": (OWN, OWN),
    "promise": (any_of(OWN, IN_MY_DOSSIERS), OWN),
    "dispute": (any_of(OWN, IN_MY_DOSSIERS), OWN),
}

APPEND_ONLY = ("journal_entry", "posting", "audit_entry", "state_move", "movement")
MAY_BE_DELETED = ("passkey", "funding_line")


def upgrade() -> None:
    """Reading and writing have policies apart: one ``FOR ALL`` would let whoever may write read as well."""
    op.execute(FUNCTIONS)
    op.execute("GRANT USAGE ON SCHEMA public TO portal_app")
    op.execute("GRANT SELECT ON receivable_position TO portal_app")
    for table, (read, write) in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_read ON {table} FOR SELECT USING ({read})")
        op.execute(f"CREATE POLICY {table}_insert ON {table} FOR INSERT WITH CHECK ({write})")
        op.execute(
            f"CREATE POLICY {table}_update ON {table} FOR UPDATE USING ({write}) WITH CHECK ({write})"
        )
        op.execute(f"CREATE POLICY {table}_delete ON {table} FOR DELETE USING ({write})")
        verbs = ["SELECT", "INSERT"]
        verbs += ["UPDATE"] if table not in APPEND_ONLY else []
        verbs += ["DELETE"] if table in MAY_BE_DELETED else []
        op.execute(f"GRANT {', '.join(verbs)} ON {table} TO portal_app")


def downgrade() -> None:
    for table in reversed(list(POLICIES)):
        op.execute(f"REVOKE ALL ON {table} FROM portal_app")
        for name in ("delete", "update", "insert", "read"):
            op.execute(f"DROP POLICY {table}_{name} ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute("REVOKE ALL ON receivable_position FROM portal_app")
    op.execute("REVOKE USAGE ON SCHEMA public FROM portal_app")
    for name in FUNCTION_NAMES:
        op.execute(f"DROP FUNCTION {name}()")
