"""Notes on a debtor; a colleague named by @ finds the note on their list and in their mail."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from partners.formats.identifiers import plain
from portal.audit import trail
from portal.clock import PARIS
from portal.collections.chasing.calls import come_back
from portal.collections.chasing.models import DebtorNote, FollowUp, FollowUpKind
from portal.debtors.models import Debtor
from portal.identity.models import Member, Membership
from portal.messages.outbox import Draft, write
from portal.messages.wording import compose

NOTE_LENGTH_MAX = 2_000
_MENTION = re.compile(r"(?<![\w.])@([\w.-]*\w)")


class NoteEmpty(ValueError):
    """There is nothing in the note."""


class NobodyNamed(ValueError):
    """An @name is no member's, or several members'; ``name`` is what was typed."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member who may be named: by the start of their address, or by their first name."""

    member_id: UUID
    name: str
    email: str
    locale: str

    @property
    def handle(self) -> str:
        """What is typed after the @."""
        return self.email.partition("@")[0]

    @property
    def called(self) -> frozenset[str]:
        """Everything that names this member, without accents or capitals."""
        first = self.name.split()[0] if self.name.split() else ""
        return frozenset(plain(one) for one in (self.handle, first) if one)


def colleagues(session: Session, assignor_id: UUID) -> list[Colleague]:
    """The members of a company, by name."""
    rows = session.execute(
        select(Member.id, Member.name, Member.email, Member.locale)
        .join(Membership, Membership.member_id == Member.id)
        .where(Membership.organisation_id == assignor_id, Membership.revoked_at.is_(None))
    )
    found = [Colleague(one, name or email, email, locale) for one, name, email, locale in rows]
    return sorted(found, key=lambda one: plain(one.name))


def named_in(body: str, known: Collection[Colleague]) -> list[Colleague]:
    """Whom a text names by @, each once.

    Raises:
        NobodyNamed: an @name is nobody's, or could be several people's.
    """
    found: dict[UUID, Colleague] = {}
    for name in _MENTION.findall(body):
        matching = [one for one in known if plain(name) in one.called]
        if len(matching) != 1:
            raise NobodyNamed(name)
        found[matching[0].member_id] = matching[0]
    return list(found.values())


def write_note(
    session: Session, debtor: Debtor, body: str, *, url: str, by: UUID | None, at: datetime
) -> DebtorNote:
    """Keep a note, and tell those it names: on their list from today, and by e-mail with ``url``.

    Raises:
        NoteEmpty, NobodyNamed: nothing was kept.
    """
    text = body.strip()[:NOTE_LENGTH_MAX]
    if not text:
        raise NoteEmpty
    known = colleagues(session, debtor.assignor_id)
    named = named_in(text, known)
    note = DebtorNote(
        assignor_id=debtor.assignor_id,
        debtor_id=debtor.id,
        body=text,
        written_at=at,
        written_by=by,
    )
    session.add(note)
    session.flush()
    author = next((one.name for one in known if one.member_id == by), "Encaisse")
    for colleague in named:
        _tell(session, debtor, note, colleague, author=author, url=url, at=at)
    facts = {"named": len(named)}
    trail.record(
        session, debtor.assignor_id, "write_note", "debtor", debtor.id, facts, by=by, at=at
    )
    return note


def mentions_of(
    session: Session, assignor_id: UUID, member_id: UUID, debtor_ids: Collection[UUID]
) -> Mapping[UUID, Sequence[DebtorNote]]:
    """The notes that name a member and that they have not put aside yet, by debtor."""
    rows = session.scalars(
        select(DebtorNote)
        .join(FollowUp, FollowUp.note_id == DebtorNote.id)
        .where(
            FollowUp.assignor_id == assignor_id,
            FollowUp.for_member == member_id,
            FollowUp.debtor_id.in_(debtor_ids),
            FollowUp.done_at.is_(None),
        )
        .order_by(DebtorNote.written_at)
    )
    found: dict[UUID, list[DebtorNote]] = {}
    for note in rows:
        found.setdefault(note.debtor_id, []).append(note)
    return found


def put_mentions_aside(session: Session, debtor: Debtor, member_id: UUID, *, at: datetime) -> None:
    """A member has read what names them about this debtor."""
    session.execute(
        update(FollowUp)
        .where(
            FollowUp.assignor_id == debtor.assignor_id,
            FollowUp.debtor_id == debtor.id,
            FollowUp.kind == FollowUpKind.MENTION,
            FollowUp.for_member == member_id,
            FollowUp.done_at.is_(None),
        )
        .values(done_at=at, done_by=member_id)
    )


def _tell(
    session: Session,
    debtor: Debtor,
    note: DebtorNote,
    colleague: Colleague,
    *,
    author: str,
    url: str,
    at: datetime,
) -> None:
    come_back(
        session,
        debtor,
        FollowUpKind.MENTION,
        _day(at),
        by=note.written_by,
        at=at,
        for_member=colleague.member_id,
        note_id=note.id,
    )
    if colleague.member_id == note.written_by:
        return
    said = compose(
        "mention", colleague.locale, author=author, debtor=debtor.name, note=note.body, url=url
    )
    draft = Draft(
        kind="mention",
        dedupe_key=f"mention:{note.id}:{colleague.member_id}",
        to_address=colleague.email,
        to_name=colleague.name,
        subject=said.subject,
        body_text=said.text,
        body_html=said.html,
        locale=said.locale,
        organisation_id=debtor.assignor_id,
    )
    write(session, draft, at=at)


def _day(at: datetime) -> date:
    return at.astimezone(PARIS).date()
