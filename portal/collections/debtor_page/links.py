"""Signed links: made for a message, opened by a debtor, taken back by the assignor."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.clock import PARIS
from portal.collections.debtor_page.models import DebtorLink, DebtorLinkLine
from portal.config import Settings
from portal.db import Viewer, ViewerKind, look_as
from portal.receivables.models import Receivable

VALID_DAYS = 90
RENEWED_UNDER_DAYS = 45
PURPOSE = "debtor links"
PREVIEW_TOKEN = "apercu"  # noqa: S105 - what stands in a message that is only looked at


class LinkUnusable(LookupError):
    """The link was altered, has expired or was taken back: all look the same from outside."""


def link_for(
    session: Session,
    settings: Settings,
    receivables: Collection[Receivable],
    *,
    by: UUID | None,
    at: datetime,
) -> str:
    """The address of the debtor's page for these invoices, which are one debtor's.

    The same invoices keep one address for weeks, so that a second reminder carries the link of the first.
    Call it when a message is really written: a preview shows `preview_link` and leaves no trace.

    Raises:
        ValueError: no invoice, or those of several debtors.
    """
    debtors = {(one.assignor_id, one.debtor_id) for one in receivables}
    if len(debtors) != 1:
        raise ValueError("a link shows the invoices of one debtor")
    [(assignor_id, debtor_id)] = debtors
    today = at.astimezone(PARIS).date()
    covered = {one.id for one in receivables}
    known = _same_scope(session, debtor_id, covered, today + timedelta(days=RENEWED_UNDER_DAYS))
    if known is not None:
        return address_of(settings, known.id)
    link = DebtorLink(
        id=uuid4(),
        assignor_id=assignor_id,
        debtor_id=debtor_id,
        created_at=at,
        created_by=by,
        expires_on=today + timedelta(days=VALID_DAYS),
    )
    link.token_hash = _hash(token_of(settings, link.id))
    session.add(link)
    session.flush()
    session.add_all(
        DebtorLinkLine(link_id=link.id, receivable_id=one, assignor_id=assignor_id)
        for one in sorted(covered)
    )
    session.flush()
    facts = {"receivables": sorted(map(str, covered)), "expires_on": link.expires_on}
    trail.record(
        session, assignor_id, "make_debtor_link", "debtor_link", link.id, facts, by=by, at=at
    )
    return address_of(settings, link.id)


PageOf = Callable[[Session, Collection[Receivable], datetime, UUID | None], str]
"""Gives the address of the debtor's page for the invoices of one message."""


def pages_of(settings: Settings) -> PageOf:
    """`link_for` with the settings already given, for whoever writes messages."""

    def page_of(
        session: Session, receivables: Collection[Receivable], at: datetime, by: UUID | None
    ) -> str:
        return link_for(session, settings, receivables, by=by, at=at)

    return page_of


def preview_link(settings: Settings) -> str:
    """What a preview shows where the link will stand; it opens nothing."""
    return f"{settings.public_url.rstrip('/')}/d/{PREVIEW_TOKEN}"


def open_link(session: Session, settings: Settings, token: str, *, today: date) -> DebtorLink:
    """The link behind a token; from here on the session sees what it covers and nothing else.

    Raises:
        LinkUnusable: it was altered, has expired or was taken back.
    """
    link_id = _id_in(settings, token)
    eyes: Viewer = session.info["viewer"]
    look_as(session, Viewer(ViewerKind.DEBTOR, today=today, link_id=link_id))
    link = session.scalar(
        select(DebtorLink).where(DebtorLink.id == link_id, DebtorLink.token_hash == _hash(token))
    )
    if link is None:
        look_as(session, eyes)
        raise LinkUnusable("no live link has this token")
    return link


def note_opening(session: Session, link: DebtorLink, *, at: datetime) -> None:
    """Keep when a link was first opened; the session looks as the creditor."""
    kept = session.get_one(DebtorLink, link.id)
    if kept.opened_at is None:
        kept.opened_at = at


@contextmanager
def in_the_creditors_name(session: Session, link: DebtorLink, *, today: date) -> Iterator[None]:
    """Write what the debtor says among its creditor's rows, then see through the link again."""
    eyes: Viewer = session.info["viewer"]
    look_as(session, Viewer(ViewerKind.ASSIGNOR, link.assignor_id, today=today))
    try:
        yield
    finally:
        look_as(session, eyes)


def links_of(
    session: Session, assignor_id: UUID, receivable_id: UUID, *, today: date
) -> Sequence[DebtorLink]:
    """The links that open on an invoice today."""
    return session.scalars(
        select(DebtorLink)
        .join(DebtorLinkLine, DebtorLinkLine.link_id == DebtorLink.id)
        .where(
            DebtorLink.assignor_id == assignor_id,
            DebtorLinkLine.receivable_id == receivable_id,
            DebtorLink.revoked_at.is_(None),
            DebtorLink.expires_on >= today,
        )
        .order_by(DebtorLink.created_at)
    ).all()


def revoke_links(
    session: Session,
    assignor_id: UUID,
    receivable_id: UUID,
    *,
    by: UUID | None,
    at: datetime,
) -> int:
    """Take back every link that shows an invoice; how many there were."""
    live = links_of(session, assignor_id, receivable_id, today=at.astimezone(PARIS).date())
    for link in live:
        link.revoked_at, link.revoked_by = at, by
        trail.record(
            session, assignor_id, "revoke_debtor_link", "debtor_link", link.id, by=by, at=at
        )
    session.flush()
    return len(live)


def address_of(settings: Settings, link_id: UUID) -> str:
    """Where a link leads."""
    return f"{settings.public_url.rstrip('/')}/d/{token_of(settings, link_id)}"


def token_of(settings: Settings, link_id: UUID) -> str:
    """The token of a link: its id, and a signature nobody else can make."""
    return f"{_text(link_id.bytes)}.{_signature(settings, link_id)}"


def _same_scope(
    session: Session, debtor_id: UUID, covered: set[UUID], until: date
) -> DebtorLink | None:
    of_this_link = DebtorLinkLine.link_id == DebtorLink.id
    inside = DebtorLinkLine.receivable_id.in_(covered)
    shown = select(func.count()).where(of_this_link).correlate(DebtorLink).scalar_subquery()
    wanted = select(func.count()).where(of_this_link, inside).correlate(DebtorLink)
    return session.scalar(
        select(DebtorLink)
        .where(
            DebtorLink.debtor_id == debtor_id,
            DebtorLink.revoked_at.is_(None),
            DebtorLink.expires_on >= until,
            shown == len(covered),
            wanted.scalar_subquery() == len(covered),
        )
        .order_by(DebtorLink.created_at.desc())
        .limit(1)
    )


def _id_in(settings: Settings, token: str) -> UUID:
    written, _, signature = token.partition(".")
    try:
        link_id = UUID(bytes=urlsafe_b64decode(f"{written}=="))
    except ValueError:
        raise LinkUnusable("the token is cut short") from None
    expected = _signature(settings, link_id)
    if not hmac.compare_digest(signature.encode(), expected.encode()):
        raise LinkUnusable("the token was altered")
    return link_id


def _signature(settings: Settings, link_id: UUID) -> str:
    key = bytes.fromhex(settings.derive_secret(PURPOSE))
    return _text(hmac.new(key, link_id.bytes, hashlib.sha256).digest()[:18])


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
