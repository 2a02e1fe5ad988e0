"""What the legal road says of a receivable to those who count its account: read from a view, never written."""

from sqlalchemy import Column, Date, DateTime, MetaData, Table, Uuid

LEGAL_STANDING = Table(
    "receivable_legal_standing",
    MetaData(),
    Column("receivable_id", Uuid, primary_key=True),
    Column("assignor_id", Uuid),
    Column("formal_notice_on", Date),
    Column("handed_over_on", Date),
    Column("written_off_at", DateTime(timezone=True)),
)
"""``formal_notice_on``: the first notice's effect; ``handed_over_on``: while an agency has it."""
