"""Writing one reminder: the same words for the preview, the person who clicks and the worker."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from portal.collections.dunning.casefile import CaseFile
from portal.collections.dunning.steps import Step
from portal.debtors.models import DebtorSegment
from portal.identity.models import Organisation
from portal.messages.outbox import Draft
from portal.messages.wording import compose
from portal.payments.account import Statement
from pricing.parameters import LegalParameters

WITH_ACCESSORIES_FROM_LEVEL = 2


@dataclass(frozen=True, slots=True)
class WrittenReminder:
    """A reminder as it would leave; nothing was stored."""

    draft: Draft
    asked_cents: int


def write_reminder(
    file: CaseFile, step: Step, assignor: Organisation, on: date, law: LegalParameters
) -> WrittenReminder:
    """The message of a step for one receivable on a day; writing it leaves no trace.

    It goes out in the assignor's name, answers go to the assignor, and nothing is asked
    beyond the law: the principal first, penalties and the 40 euros from the second reminder on.
    """
    asked = file.statement(on, law)
    wording = compose(step.kind, file.debtor.locale, **_values(file, assignor, asked))
    draft = Draft(
        kind=step.kind,
        dedupe_key=f"reminder:{file.receivable.id}:{step.code}",
        to_address=file.debtor.contact_email or "",
        to_name=file.debtor.contact_name or file.debtor.name,
        from_name=f"{assignor.legal_name} via Encaisse",
        reply_to=assignor.reply_to or assignor.email,
        subject=wording.subject,
        body_text=wording.text,
        body_html=wording.html,
        locale=wording.locale,
        organisation_id=assignor.id,
        attachment_ids=_attached(file),
        receivable_id=file.receivable.id,
    )
    return WrittenReminder(draft, asked_cents(step, asked))


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


def _attached(file: CaseFile) -> tuple[UUID, ...]:
    return (file.invoice_id,) if file.invoice_id else ()


def _values(file: CaseFile, assignor: Organisation, asked: Statement) -> dict[str, Any]:
    name, iban = payee(file, assignor)
    return {
        "assignor_name": assignor.legal_name,
        "assignor_address": address_of(assignor),
        "assignor_siren": assignor.siren,
        "contact_name": file.debtor.contact_name,
        "debtor_name": file.debtor.name,
        "number": file.receivable.number,
        "issued_on": file.receivable.issued_on,
        "due_on": file.case.due_on,
        "currency": file.receivable.currency,
        "asked_on": asked.on,
        "principal_cents": asked.principal.cents,
        "deducted_cents": file.receivable.face_cents - asked.principal.cents,
        "penalties_cents": asked.penalties.cents,
        "indemnity_cents": asked.indemnity.cents,
        "total_cents": asked.total.cents,
        "days_past_due": max((asked.on - file.case.due_on).days, 0),
        "day_count": asked.due.day_count.value if asked.due else "",
        "reminded": file.case.was_reminded,
        "public_buyer": file.debtor.segment is DebtorSegment.PUBLIC,
        "payee_name": name,
        "payee_iban": iban,
        "to_assignee": file.to_assignee,
    }
