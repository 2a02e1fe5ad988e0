"""What an organisation decides about itself: where it is paid, who is answered, in which language."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session
from stdnum import iban as iban_rules

from portal.audit.trail import record
from portal.identity.models import Organisation


class IbanInvalid(ValueError):
    """The IBAN does not pass its own check: a character is missing or was mistyped."""


def normalised_iban(given: str) -> str | None:
    """The IBAN without spaces, or None when nothing was given.

    Raises:
        IbanInvalid: wrong length, country or check digits.
    """
    if not given.strip():
        return None
    compact = str(iban_rules.compact(given))
    if not iban_rules.is_valid(compact):
        raise IbanInvalid(f"{len(compact)} characters do not make an IBAN")
    return compact


def change_details(
    session: Session,
    organisation: Organisation,
    *,
    iban: str | None,
    email: str | None,
    reply_to: str | None,
    locale: str,
    by: UUID,
    at: datetime,
) -> list[str]:
    """Change where the organisation is paid and how it is written to; the names of what changed.

    The trail keeps the names of the fields, never their content.
    """
    wanted = {"iban": iban, "email": email, "reply_to": reply_to, "locale": locale}
    changed = [name for name, value in wanted.items() if getattr(organisation, name) != value]
    for name in changed:
        setattr(organisation, name, wanted[name])
    if changed:
        record(
            session,
            organisation.id,
            "details_changed",
            "organisation",
            organisation.id,
            {"fields": changed},
            by=by,
            at=at,
        )
    return changed
