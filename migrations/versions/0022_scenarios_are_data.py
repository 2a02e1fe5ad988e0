"""Several scenarios per assignor, chosen per segment, debtor or receivable; its own words; numbered reminder documents.

The one plan of each assignor becomes its scenario ``standard``, for everybody, version by version. Steps say their
tone instead of a level and a kind.

Safe on a live site: renames, new columns with a default, new tables; rewrites the few rows of the former plans.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

SYSTEM = "((SELECT viewer_kind()) = 'system')"
MINE = "(assignor_id = ANY (ARRAY(SELECT viewer_assignors())))"
POINTS_TO = {
    "scenario_choice": {"debtor_id": "debtor", "receivable_id": "receivable"},
    "debtor_placement": {"debtor_id": "debtor"},
    "wording_version": {},
    "reminder_counter": {},
}
MAY_BE_DELETED = ("scenario_choice", "debtor_placement")
VERBS = ("read", "insert", "update", "delete")
RENAMED = {
    "CONSTRAINT pk_dunning_plan": "pk_dunning_scenario",
    "CONSTRAINT fk_dunning_plan_assignor_id": "fk_dunning_scenario_assignor_id",
}
SEGMENTS = ("good_payer", "slow", "bad", "strategic", "public", "abroad")


def upgrade() -> None:
    _rename_the_plan()
    _add_columns()
    _say_the_tone()
    _create_tables()
    op.execute("""
        INSERT INTO scenario_choice (id, assignor_id, slug, chosen_at, chosen_by)
        SELECT gen_random_uuid(), assignor_id, 'standard', activated_at, activated_by
        FROM dunning_scenario WHERE activated_at IS NOT NULL AND retired_at IS NULL
    """)
    for table, columns in POINTS_TO.items():
        _protect(table, columns)


def downgrade() -> None:
    for table in reversed(list(POINTS_TO)):
        op.execute(f"REVOKE ALL ON {table} FROM portal_app")
        op.drop_table(table)
    op.execute(
        "DELETE FROM reminder WHERE scenario_id IN (SELECT id FROM dunning_scenario WHERE slug <> 'standard')"
    )
    op.execute("DELETE FROM dunning_scenario WHERE slug <> 'standard'")
    op.execute("""
        UPDATE dunning_scenario SET steps = (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                'code', step ->> 'code', 'day', step -> 'day', 'gap_days', step -> 'gap_days',
                'level', CASE WHEN step ->> 'channel' = 'formal_notice' THEN 4
                              WHEN (step ->> 'day')::int < 0 THEN 0
                              ELSE array_position(ARRAY['courteous', 'firm', 'final'], step ->> 'tone') END,
                'kind', CASE WHEN step ->> 'channel' = 'formal_notice' THEN 'formal_notice'
                             WHEN (step ->> 'day')::int < 0 THEN 'reminder_pre'
                             ELSE 'reminder_r' || array_position(
                                 ARRAY['courteous', 'firm', 'final'], step ->> 'tone') END,
                'channel', CASE WHEN step ->> 'channel' = 'formal_notice'
                                THEN 'formal_notice' ELSE 'email' END
            )), '[]') FROM jsonb_array_elements(steps) AS step)
    """)
    op.drop_column("reminder", "document_number")
    op.drop_column("reminder", "channel")
    op.drop_index("uq_dunning_scenario_active", "dunning_scenario")
    op.drop_constraint(op.f("uq_dunning_scenario_assignor_id_slug_version"), "dunning_scenario")
    op.drop_column("dunning_scenario", "weekly_cap")
    op.drop_column("dunning_scenario", "title")
    op.drop_column("dunning_scenario", "slug")
    _rename_the_plan_back()


def _rename_the_plan() -> None:
    op.drop_index("uq_dunning_plan_active", "dunning_plan")
    op.drop_constraint(op.f("uq_dunning_plan_assignor_id_version"), "dunning_plan")
    op.rename_table("dunning_plan", "dunning_scenario")
    for old, new in RENAMED.items():
        op.execute(f"ALTER TABLE dunning_scenario RENAME {old} TO {new}")
    op.execute("ALTER INDEX ix_dunning_plan_assignor_id RENAME TO ix_dunning_scenario_assignor_id")
    for verb in VERBS:
        op.execute(
            f"ALTER POLICY dunning_plan_{verb} ON dunning_scenario RENAME TO dunning_scenario_{verb}"
        )
    op.alter_column("reminder", "plan_id", new_column_name="scenario_id")
    op.execute(
        "ALTER TABLE reminder RENAME CONSTRAINT fk_reminder_plan_id TO fk_reminder_scenario_id"
    )


def _rename_the_plan_back() -> None:
    op.execute(
        "ALTER TABLE reminder RENAME CONSTRAINT fk_reminder_scenario_id TO fk_reminder_plan_id"
    )
    op.alter_column("reminder", "scenario_id", new_column_name="plan_id")
    for verb in VERBS:
        op.execute(
            f"ALTER POLICY dunning_scenario_{verb} ON dunning_scenario RENAME TO dunning_plan_{verb}"
        )
    op.execute("ALTER INDEX ix_dunning_scenario_assignor_id RENAME TO ix_dunning_plan_assignor_id")
    for old, new in RENAMED.items():
        kind, name = old.split()
        op.execute(f"ALTER TABLE dunning_scenario RENAME {kind} {new} TO {name}")
    op.rename_table("dunning_scenario", "dunning_plan")
    op.create_unique_constraint(
        op.f("uq_dunning_plan_assignor_id_version"), "dunning_plan", ["assignor_id", "version"]
    )
    op.create_index(
        "uq_dunning_plan_active",
        "dunning_plan",
        ["assignor_id"],
        unique=True,
        postgresql_where="activated_at IS NOT NULL AND retired_at IS NULL",
    )


def _add_columns() -> None:
    given = {
        "slug": (sa.Text(), "'standard'"),
        "title": (sa.Text(), "'Relances habituelles'"),
        "weekly_cap": (sa.BigInteger(), "3"),
    }
    for name, (kind, value) in given.items():
        op.add_column(
            "dunning_scenario",
            sa.Column(name, kind, nullable=False, server_default=sa.text(value)),
        )
        op.alter_column("dunning_scenario", name, server_default=None)
    op.create_check_constraint(
        op.f("ck_dunning_scenario_weekly_cap_positive"), "dunning_scenario", "weekly_cap > 0"
    )
    op.create_unique_constraint(
        op.f("uq_dunning_scenario_assignor_id_slug_version"),
        "dunning_scenario",
        ["assignor_id", "slug", "version"],
    )
    op.create_index(
        "uq_dunning_scenario_active",
        "dunning_scenario",
        ["assignor_id", "slug"],
        unique=True,
        postgresql_where="activated_at IS NOT NULL AND retired_at IS NULL",
    )
    op.add_column(
        "reminder",
        sa.Column("channel", sa.String(40), nullable=False, server_default=sa.text("'email'")),
    )
    op.alter_column("reminder", "channel", server_default=None)
    op.execute("UPDATE reminder SET channel = 'formal_notice' WHERE document_id IS NOT NULL")
    op.add_column("reminder", sa.Column("document_number", sa.Text(), nullable=True))


def _say_the_tone() -> None:
    op.execute("""
        UPDATE dunning_scenario SET steps = (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                'code', step ->> 'code', 'day', step -> 'day', 'gap_days', step -> 'gap_days',
                'channel', step ->> 'channel',
                'tone', CASE (step ->> 'level')::int WHEN 2 THEN 'firm' WHEN 3 THEN 'final'
                             WHEN 4 THEN 'final' ELSE 'courteous' END
            )), '[]') FROM jsonb_array_elements(steps) AS step)
    """)


def _create_tables() -> None:
    segment = sa.Enum(*SEGMENTS, name="segment", native_enum=False, length=40)
    op.create_table(
        "scenario_choice",
        _assignor("scenario_choice"),
        sa.Column("segment", segment, nullable=True),
        sa.Column("debtor_id", sa.Uuid(), nullable=True),
        sa.Column("receivable_id", sa.Uuid(), nullable=True),
        sa.Column("slug", sa.Text(), nullable=True),
        sa.Column("because", sa.Text(), nullable=True),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chosen_by", sa.Uuid(), nullable=True),
        *_identified("scenario_choice"),
        _points("scenario_choice", "debtor_id", "debtor"),
        _points("scenario_choice", "receivable_id", "receivable"),
        sa.CheckConstraint(
            "num_nonnulls(segment, debtor_id, receivable_id) <= 1",
            name=op.f("ck_scenario_choice_one_scope_only"),
        ),
        sa.CheckConstraint(
            "slug IS NOT NULL OR because IS NOT NULL",
            name=op.f("ck_scenario_choice_opt_out_has_a_reason"),
        ),
        sa.UniqueConstraint(
            "assignor_id",
            "segment",
            "debtor_id",
            "receivable_id",
            name=op.f("uq_scenario_choice_assignor_id_segment_debtor_id_receivable_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    for column in ("assignor_id", "debtor_id", "receivable_id"):
        op.create_index(op.f(f"ix_scenario_choice_{column}"), "scenario_choice", [column])
    op.create_table(
        "debtor_placement",
        _assignor("debtor_placement"),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("segment", segment, nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("because", sa.Text(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by", sa.Uuid(), nullable=True),
        *_identified("debtor_placement"),
        _points("debtor_placement", "debtor_id", "debtor"),
        sa.UniqueConstraint("debtor_id", name=op.f("uq_debtor_placement_debtor_id")),
    )
    op.create_table(
        "wording_version",
        _assignor("wording_version"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        *_identified("wording_version"),
        sa.UniqueConstraint(
            "assignor_id",
            "kind",
            "locale",
            "version",
            name=op.f("uq_wording_version_assignor_id_kind_locale_version"),
        ),
    )
    op.create_table(
        "reminder_counter",
        _assignor("reminder_counter"),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        *_identified("reminder_counter"),
        sa.UniqueConstraint(
            "assignor_id", "year", name=op.f("uq_reminder_counter_assignor_id_year")
        ),
    )
    for table in ("debtor_placement", "wording_version", "reminder_counter"):
        op.create_index(op.f(f"ix_{table}_assignor_id"), table, ["assignor_id"])


def _assignor(table: str) -> sa.Column[sa.Uuid]:
    key = sa.ForeignKey("organisation.id", name=op.f(f"fk_{table}_assignor_id"))
    return sa.Column("assignor_id", sa.Uuid(), key, nullable=False)


def _identified(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _points(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


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
    op.execute(
        f"CREATE POLICY {table}_update ON {table} FOR UPDATE USING ({seen}) WITH CHECK ({written})"
    )
    op.execute(f"CREATE POLICY {table}_delete ON {table} FOR DELETE USING ({seen})")
    verbs = "SELECT, INSERT, UPDATE" + (", DELETE" if table in MAY_BE_DELETED else "")
    op.execute(f"GRANT {verbs} ON {table} TO portal_app")
