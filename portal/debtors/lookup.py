"""The door to debtors."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.debtors.models import Debtor


class DebtorNotFound(LookupError):
    """No such debtor, or not the viewer's: both look the same."""


def find_debtor(
    session: Session, debtor_id: UUID, *, assignor_id: UUID, lock: bool = False
) -> Debtor:
    """The assignor's own debtor; ``lock`` it before changing it.

    Raises:
        DebtorNotFound: it does not exist, or belongs to somebody else.
    """
    query = select(Debtor).where(Debtor.id == debtor_id, Debtor.assignor_id == assignor_id)
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise DebtorNotFound(str(debtor_id))
    return found
