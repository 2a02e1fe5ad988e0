"""Writing reminders: the same words for the preview, the person who clicks and the worker. Nothing here is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from uuid import UUID

from partners.vocabulary.post import Channel as PostChannel
from partners.vocabulary.post import PostalAddress
from portal.collections.dunning.addresses import postal_address
from portal.collections.dunning.casefile import CaseFile
from portal.collections.dunning.phrases import Phrases
from portal.collections.dunning.steps import Step
from portal.collections.dunning.wording import (
    SMS,
    Composed,
    Value,
    Words,
    compose,
    proposed_words,
)
from portal.collections.models import Channel
from portal.identity.models import Organisation
from portal.messages.outbox import Draft, telephone_number
from portal.payments.account import Statement
from pricing.parameters import LegalParameters
from pricing.wording import known_locale

WITH_ACCESSORIES_FROM_LEVEL = 2
ATTACHED_INVOICES_MAX = 20

OwnWords = Mapping[tuple[str, str], Words]
Told = tuple[CaseFile, Step]


@dataclass(frozen=True, slots=True)
class WrittenReminder:
    """A reminder as it would leave; nothing was stored. ``asked`` is in cents, by receivable."""

    draft: Draft
    asked: Mapping[UUID, int]
    step: Step

    @property
    def asked_cents(self) -> int:
        return sum(self.asked.values())


@dataclass(frozen=True)
class Writing:
    """One reminder being written, about one receivable or several of one debtor on a day.

    ``language`` and ``as_statement`` replace what the debtor's file and the number of
    receivables say, for whoever tries the words of another kind. ``page_url`` is where the
    debtor sees its invoices, pays and answers.
    """

    told: Sequence[Told]
    assignor: Organisation
    on: date
    law: LegalParameters
    own: OwnWords
    language: str | None = None
    as_statement: bool | None = None
    page_url: str | None = None

    @property
    def file(self) -> CaseFile:
        return self.told[0][0]

    @property
    def top(self) -> Step:
        """The step whose tone the whole message takes: the highest."""
        return max((step for _, step in self.told), key=lambda step: step.level)

    @cached_property
    def statements(self) -> list[Statement]:
        return [file.statement(self.on, self.law) for file, _ in self.told]

    @property
    def asked(self) -> dict[UUID, int]:
        """What the message asks of each receivable, in cents."""
        return {
            file.receivable.id: asked_cents(self.top, statement)
            for (file, _), statement in zip(self.told, self.statements, strict=True)
        }

    @property
    def locale(self) -> str:
        return known_locale(self.language or self.file.debtor.locale)

    @property
    def kind(self) -> str:
        if self.top.channel is Channel.SMS:
            return SMS
        return f"reminder_statement_{self.top.level}" if self.is_statement else self.top.kind

    @property
    def is_statement(self) -> bool:
        """Whether the message carries a statement of account instead of one invoice's lines."""
        return len(self.told) > 1 if self.as_statement is None else self.as_statement

    def values(self) -> dict[str, Value]:
        """Every variable of the words, in the debtor's language."""
        phrases = Phrases(self.locale, self.file.account.currency, self.on)
        name, iban = payee(self.file, self.assignor)
        shared = {
            "contact": Value.of(
                self.file.debtor.contact_name or phrases.nobody(self.file.debtor.name)
            ),
            "debtor": Value.of(self.file.debtor.name),
            "sender": Value.of(self.top.sender or self.assignor.legal_name),
            "today": Value.of(phrases.day(self.on)),
            "amount": Value.of(phrases.money(sum(self.asked.values()))),
            "recall": Value.of(phrases.recall(any(one.case.was_reminded for one, _ in self.told))),
            "payment": phrases.with_page(
                phrases.payment(name, iban, self.reference, to_assignee=self.file.to_assignee),
                self.page_url,
            ),
            "signature": Value.of(
                phrases.signature(self.assignor, address_of(self.assignor), self.top.sender)
            ),
        }
        if self.is_statement:
            rows = [
                (file, asked) for (file, _), asked in zip(self.told, self.statements, strict=True)
            ]
            count = Value.of(str(len(self.told)))
            return shared | {"count": count, "statement": phrases.statement(rows, self.top.level)}
        return shared | phrases.of_one(self.file, self.statements[0])

    @property
    def reference(self) -> str:
        """What the debtor writes on its transfer."""
        return ", ".join(file.receivable.number for file, _ in self.told[:ATTACHED_INVOICES_MAX])

    def composed(self) -> Composed:
        words = self.own.get((self.kind, self.locale)) or proposed_words(self.kind, self.locale)
        return compose(words, self.values())


def write_reminder(
    file: CaseFile,
    step: Step,
    assignor: Organisation,
    on: date,
    law: LegalParameters,
    own: OwnWords | None = None,
    page_url: str | None = None,
) -> WrittenReminder:
    """The message of a step for one receivable on a day; writing it leaves no trace.

    It goes out in the assignor's name, answers go to the assignor, and nothing is asked
    beyond the law: the principal first, penalties and the 40 euros once the tone is firm.
    """
    return write_together([(file, step)], assignor, on, law, own or {}, page_url)


def write_together(
    told: Sequence[Told],
    assignor: Organisation,
    on: date,
    law: LegalParameters,
    own: OwnWords,
    page_url: str | None = None,
) -> WrittenReminder:
    """One message about several receivables of one debtor, in the highest tone; leaves no trace."""
    return written(Writing(told, assignor, on, law, own, page_url=page_url))


def written(writing: Writing) -> WrittenReminder:
    """The message as it would leave, addressed as its channel needs; leaves no trace."""
    told, assignor, on = writing.told, writing.assignor, writing.on
    said, file, top = writing.composed(), writing.file, writing.top
    alone = len(told) == 1
    subject_of_key = f"{file.receivable.id}:{top.code}" if alone else f"{file.debtor.id}:{on}"
    draft = Draft(
        kind=writing.kind,
        dedupe_key=f"reminder:{subject_of_key}",
        to_address=file.debtor.contact_email or "",
        to_name=file.debtor.contact_name or file.debtor.name,
        from_name=f"{top.sender or assignor.legal_name} via Encaisse",
        reply_to=assignor.reply_to or assignor.email,
        subject=said.subject,
        body_text=said.text,
        body_html=said.html,
        locale=writing.locale,
        organisation_id=assignor.id,
        attachment_ids=_attached([one for one, _ in told]),
        receivable_id=file.receivable.id if alone else None,
        debtor_id=file.debtor.id,
    )
    return WrittenReminder(_by_channel(draft, top, file, assignor), writing.asked, top)


def _by_channel(draft: Draft, step: Step, file: CaseFile, assignor: Organisation) -> Draft:
    """The same message, addressed as its channel needs."""
    match step.channel:
        case Channel.SMS:
            number = telephone_number(file.debtor.contact_phone or "") or ""
            return replace(
                draft, channel=PostChannel.SMS, to_address=number, body_html=None, attachment_ids=()
            )
        case Channel.LETTER | Channel.REGISTERED_LETTER:
            return replace(
                draft,
                channel=PostChannel(step.channel.value),
                to_name=file.debtor.name,
                to_postal=postal_address(file.debtor.address, file.debtor.country),
                from_name=assignor.legal_name,
                from_postal=_own_address(assignor),
            )
        case Channel.REGISTERED_EMAIL:
            return replace(draft, channel=PostChannel.REGISTERED_EMAIL)
        case _:
            return draft


def _own_address(assignor: Organisation) -> PostalAddress | None:
    if not (assignor.address_line and assignor.postal_code and assignor.city):
        return None
    lines = (assignor.address_line,)
    return PostalAddress(lines, assignor.postal_code, assignor.city, assignor.country)


def asked_cents(step: Step, asked: Statement) -> int:
    """What a step asks for: the principal alone in the first messages, then everything due."""
    with_accessories = step.level >= WITH_ACCESSORIES_FROM_LEVEL
    return asked.total.cents if with_accessories else asked.principal.cents


def payee(file: CaseFile, assignor: Organisation) -> tuple[str, str | None]:
    """Whom the debtor pays, and on which account: unchanged until the assignment is notified."""
    if file.to_assignee and file.assignee is not None:
        return file.assignee.name, file.assignee.iban
    receivable = file.receivable
    return receivable.payee_name or assignor.legal_name, receivable.iban or assignor.iban


def address_of(organisation: Organisation) -> str:
    """The postal address on one line, empty when it is not known."""
    town = " ".join(part for part in (organisation.postal_code, organisation.city) if part)
    return ", ".join(part for part in (organisation.address_line, town) if part)


def _attached(files: Sequence[CaseFile]) -> tuple[UUID, ...]:
    found = [file.invoice_id for file in files if file.invoice_id]
    return tuple(found[:ATTACHED_INVOICES_MAX])
