"""Doing what was decided: claim the steps, write the message, keep its document. The worker and a person share it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from partners.vocabulary.post import WITH_FILES_ONLY
from portal.audit import trail
from portal.clock import PARIS
from portal.collections.debtor_page.links import PageOf
from portal.collections.dunning.casefile import CaseFile
from portal.collections.dunning.document import render_document, take_number
from portal.collections.dunning.reminding import (
    OwnWords,
    Writing,
    asked_cents,
    write_together,
)
from portal.collections.dunning.steps import Decided
from portal.collections.formal_notice import render_formal_notice
from portal.collections.models import Channel, Reminder, ReminderState
from portal.collections.reasons import Suppression
from portal.documents.models import DocumentKind
from portal.documents.store import DocumentStore, keep
from portal.identity.models import Organisation
from portal.messages.outbox import write
from pricing.parameters import LegalParameters

QUIET = (ReminderState.OVERTAKEN, ReminderState.SUPPRESSED)
DECIDED_AGAIN = (
    "scenario_id",
    "channel",
    "dunning_level",
    "planned_on",
    "decided_on",
    "state",
    "reason_code",
    "asked_cents",
    "created_at",
)

One = tuple[CaseFile, Decided]


@dataclass(slots=True)
class Tally:
    """How many steps were sent, left to call, drafted, suppressed or overtaken, and in how many messages."""

    counts: dict[ReminderState, int] = field(default_factory=dict)
    messages: int = 0

    def add(self, states: Iterable[ReminderState]) -> None:
        for state in states:
            self.counts[state] = self.counts.get(state, 0) + 1


@dataclass(frozen=True, slots=True)
class Acting:
    """One assignor's scenarios at work: the one way in which a step is done, by the worker or by hand."""

    session: Session
    store: DocumentStore
    assignor: Organisation
    at: datetime
    law: LegalParameters
    own: OwnWords
    by: UUID | None = None
    tally: Tally = field(default_factory=Tally)
    page_of: PageOf | None = None

    @property
    def today(self) -> date:
        return self.at.astimezone(PARIS).date()

    def record(
        self, decided: Sequence[One], contacts: Mapping[UUID, int] | None = None
    ) -> list[ReminderState]:
        """Do what was decided; a step that another transaction already did is left alone.

        What only leaves a row is written in one statement; each message, call or draft follows
        its own claim. With ``contacts`` (messages of the last seven days, by debtor) the cap holds.
        """
        bundles = bundled([one for one in decided if one[1].state not in QUIET])
        within, beyond = capped(bundles, contacts)
        quiet = [one for one in decided if one[1].state in QUIET] + beyond
        done = [state for _, state in self._claim(quiet, {})]
        for bundle in within:
            done += self._do(bundle)
        self.tally.add(done)
        return done

    def _do(self, bundle: Sequence[One]) -> list[ReminderState]:
        """Claim a bundle and do it; steps claimed elsewhere meanwhile fall out of it, before it is written."""
        first = bundle[0][1]
        taken = self._claim(bundle, self._asked(bundle))
        if not taken:
            return []
        ids = {receivable_id for (_, receivable_id), _ in taken}
        bundle = [one for one in bundle if one[0].receivable.id in ids]
        reminder_ids = [reminder_id for (reminder_id, _), _ in taken]
        self.tally.messages += 1
        match first.state:
            case ReminderState.SENT:
                self._send(bundle, reminder_ids)
            case ReminderState.DRAFTED:
                self._draft(bundle[0], reminder_ids)
            case _:
                self._trace("plan_call", bundle)
        return [state for _, state in taken]

    def _asked(self, bundle: Sequence[One]) -> dict[UUID, int]:
        top = max((one.step for _, one in bundle), key=lambda step: step.level)
        return {
            file.receivable.id: asked_cents(top, file.statement(self.today, self.law))
            for file, _ in bundle
        }

    def _claim(
        self, decided: Sequence[One], asked: Mapping[UUID, int]
    ) -> list[tuple[tuple[UUID, UUID], ReminderState]]:
        """Take the steps for this transaction, before anything is written to anyone."""
        if not decided:
            return []
        rows = insert(Reminder).values([self._row(*one, asked) for one in decided])
        taken = self.session.execute(
            rows.on_conflict_do_update(
                index_elements=["receivable_id", "step_code"],
                set_={name: rows.excluded[name] for name in DECIDED_AGAIN},
                where=Reminder.state == ReminderState.SUPPRESSED,
            ).returning(Reminder.id, Reminder.receivable_id, Reminder.state)
        )
        return [((row.id, row.receivable_id), row.state) for row in taken]

    def _row(self, file: CaseFile, one: Decided, asked: Mapping[UUID, int]) -> dict[str, Any]:
        if file.scenario is None:
            raise ValueError("a step is decided by a scenario")
        return {
            "id": uuid4(),
            "assignor_id": self.assignor.id,
            "receivable_id": file.receivable.id,
            "scenario_id": file.scenario.id,
            "step_code": one.step.code,
            "channel": one.step.channel,
            "dunning_level": one.step.level,
            "planned_on": one.planned_on,
            "decided_on": self.today,
            "state": one.state,
            "reason_code": one.reason.value if one.reason else None,
            "asked_cents": asked.get(file.receivable.id),
            "created_at": self.at,
        }

    def _send(self, bundle: Sequence[One], reminder_ids: Sequence[UUID]) -> None:
        told = [(file, one.step) for file, one in bundle]
        page_url = self._page([file for file, _ in bundle])
        written = write_together(told, self.assignor, self.today, self.law, self.own, page_url)
        number, document_id = None, None
        if written.step.document or written.draft.channel in WITH_FILES_ONLY:
            number = take_number(self.session, self.assignor.id, self.today)
            writing = Writing(
                told, self.assignor, self.today, self.law, self.own, page_url=page_url
            )
            content = render_document(writing, number, made_at=self.at)
            document_id = self._keep(content, f"{number}.pdf", DocumentKind.REMINDER)
        draft = written.draft
        if document_id is not None:
            draft = replace(draft, attachment_ids=(document_id, *draft.attachment_ids))
        message = write(self.session, draft, at=self.at)
        self._complete(
            reminder_ids, message_id=message.id, document_id=document_id, document_number=number
        )
        self._trace("send_reminder", bundle)

    def _page(self, files: Sequence[CaseFile]) -> str | None:
        if self.page_of is None:
            return None
        return self.page_of(self.session, [file.receivable for file in files], self.at, self.by)

    def _draft(self, one: One, reminder_ids: Sequence[UUID]) -> None:
        file, _ = one
        content = render_formal_notice(file, self.assignor, self.today, self.law)
        name = f"mise-en-demeure-{file.receivable.number}.pdf"
        document_id = self._keep(content, name, DocumentKind.FORMAL_NOTICE)
        self._complete(reminder_ids, document_id=document_id)
        self._trace("draft_formal_notice", [one])

    def _keep(self, content: bytes, filename: str, kind: DocumentKind) -> UUID:
        return keep(
            self.session,
            self.store,
            owner_id=self.assignor.id,
            kind=kind,
            filename=filename,
            media_type="application/pdf",
            content=content,
            by=self.by,
            at=self.at,
        ).id

    def _complete(self, reminder_ids: Sequence[UUID], **left: Any) -> None:
        self.session.execute(
            update(Reminder)
            .where(Reminder.id.in_(reminder_ids))
            .values(**left)
            .execution_options(synchronize_session=False)
        )

    def _trace(self, action: str, bundle: Sequence[One]) -> None:
        """One entry per message, whatever the number of receivables in it."""
        file, one = bundle[0]
        facts: dict[str, Any] = {"step": one.step.code, "level": one.step.level}
        kind, subject_id = "receivable", file.receivable.id
        if len(bundle) > 1:
            kind, subject_id = "debtor", file.debtor.id
            facts["receivables"] = [file.receivable.id for file, _ in bundle]
        trail.record(
            self.session, self.assignor.id, action, kind, subject_id, facts, by=self.by, at=self.at
        )


def bundled(decided: Sequence[One]) -> list[list[One]]:
    """What leaves together: the grouped e-mails of one debtor, to one payee, in one currency; the rest alone."""
    bundles: dict[object, list[One]] = {}
    for file, one in decided:
        key: object = (file.receivable.id, one.step.code)
        by_mail = one.step.channel is Channel.EMAIL and one.state is ReminderState.SENT
        if one.step.grouped and by_mail and one.step.level > 0:
            account = file.assignee.iban if file.to_assignee and file.assignee else None
            key = (file.debtor.id, file.to_assignee, account, file.account.currency)
        bundles.setdefault(key, []).append((file, one))
    return sorted(bundles.values(), key=_weight, reverse=True)


def capped(
    bundles: Sequence[list[One]], contacts: Mapping[UUID, int] | None
) -> tuple[list[list[One]], list[One]]:
    """The bundles that may leave, highest first, and the steps of the others, told as held back by the cap."""
    if contacts is None:
        return list(bundles), []
    left, within, beyond = dict(contacts), [], []
    for bundle in bundles:
        file, first = bundle[0]
        told = left.get(file.debtor.id, 0)
        cap = file.scenario.weekly_cap if file.scenario else 0
        if first.state is not ReminderState.DRAFTED and told >= cap:
            beyond += [(one, _held(decided)) for one, decided in bundle]
            continue
        left[file.debtor.id] = told + (first.state is not ReminderState.DRAFTED)
        within.append(bundle)
    return within, beyond


def _held(decided: Decided) -> Decided:
    return replace(decided, state=ReminderState.SUPPRESSED, reason=Suppression.WEEKLY_CAP)


def _weight(bundle: Sequence[One]) -> tuple[int, int, str]:
    level = max(one.step.level for _, one in bundle)
    return (
        level,
        sum(file.case.claimable_cents for file, _ in bundle),
        str(bundle[0][0].receivable.id),
    )
