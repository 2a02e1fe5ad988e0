"""Writing to the owners of an organisation, on behalf of another one that may not see who they are."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db import Viewer, ViewerKind, look_as
from portal.identity.models import Member, Membership, Role
from portal.messages.outbox import Draft, write
from portal.messages.wording import compose


def write_to_owners(
    session: Session,
    organisation_id: UUID,
    kind: str,
    *,
    key: str,
    at: datetime,
    **values: Any,
) -> int:
    """Write one message of this kind to each owner, in their language; how many were written.

    The session's own eyes are given back: the caller never learns who the owners are.
    """
    before = session.info["viewer"]
    look_as(session, Viewer(ViewerKind.DOOR, organisation_id))
    owners = session.scalars(
        select(Member)
        .join(Membership, Membership.member_id == Member.id)
        .where(
            Membership.organisation_id == organisation_id,
            Membership.role == Role.OWNER,
            Membership.revoked_at.is_(None),
        )
    ).all()
    for owner in owners:
        wording = compose(kind, owner.locale, **values)
        draft = Draft(
            kind=kind,
            dedupe_key=f"{key}:{owner.id}",
            to_address=owner.email,
            to_name=owner.name,
            subject=wording.subject,
            body_text=wording.text,
            body_html=wording.html,
            locale=wording.locale,
            organisation_id=organisation_id,
        )
        write(session, draft, at=at)
    look_as(session, before)
    return len(owners)
