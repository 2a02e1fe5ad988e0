"""An entry that does not balance is refused at commit; what is booked or audited is never edited.

Safe on a live site: adding a trigger takes a short lock and reads no row.
"""

from alembic import op

revision = "0010"
down_revision = "0009"

FINAL_TABLES = ("journal_entry", "posting", "movement", "audit_entry", "state_move")


def upgrade() -> None:
    op.execute("""
        CREATE FUNCTION journal_entry_must_balance() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
        DECLARE
            entry uuid;
            wrong record;
        BEGIN
            IF TG_TABLE_NAME = 'posting' THEN entry := NEW.entry_id; ELSE entry := NEW.id; END IF;
            SELECT currency, sum(amount_cents) AS residual INTO wrong
            FROM posting WHERE entry_id = entry
            GROUP BY currency HAVING sum(amount_cents) <> 0 LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'journal entry % is off by % cents (%)', entry, wrong.residual, wrong.currency
                    USING ERRCODE = 'check_violation';
            END IF;
            IF NOT EXISTS (SELECT 1 FROM posting WHERE entry_id = entry) THEN
                RAISE EXCEPTION 'journal entry % has no posting', entry USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        END $$;

        CREATE CONSTRAINT TRIGGER journal_entry_must_balance
        AFTER INSERT ON posting DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION journal_entry_must_balance();

        CREATE CONSTRAINT TRIGGER journal_entry_must_have_postings
        AFTER INSERT ON journal_entry DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION journal_entry_must_balance();

        CREATE FUNCTION row_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'a row of % is never changed nor deleted', TG_TABLE_NAME
                USING ERRCODE = 'check_violation';
        END $$;
    """)
    for table in FINAL_TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_is_final BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION row_is_final()"
        )


def downgrade() -> None:
    for table in FINAL_TABLES:
        op.execute(f"DROP TRIGGER {table}_is_final ON {table}")
    op.execute("DROP FUNCTION row_is_final()")
    op.execute("DROP TRIGGER journal_entry_must_have_postings ON journal_entry")
    op.execute("DROP TRIGGER journal_entry_must_balance ON posting")
    op.execute("DROP FUNCTION journal_entry_must_balance()")
