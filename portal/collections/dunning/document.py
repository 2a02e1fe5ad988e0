"""The reminder document: numbered, dated, with the account line by line and the texts it rests on."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.collections.amounts import AskedLine, LineKind, explain
from portal.collections.dunning.models import ReminderCounter
from portal.collections.dunning.phrases import Phrases
from portal.collections.dunning.reminding import Writing, address_of
from portal.documents.rendering import render
from portal.identity.models import Organisation
from portal.payments.account import Statement
from pricing.wording import rate_text

HERE = Path(__file__).parent


def take_number(session: Session, assignor_id: UUID, on: date) -> str:
    """The next number of an assignor's reminder documents, without gap: REL-2026-000001."""
    asked = insert(ReminderCounter).values(
        id=uuid4(), assignor_id=assignor_id, year=on.year, last=1
    )
    last = session.scalar(
        asked.on_conflict_do_update(
            index_elements=["assignor_id", "year"], set_={"last": ReminderCounter.last + 1}
        ).returning(ReminderCounter.last)
    )
    return f"REL-{on.year}-{last:06d}"


def render_document(writing: Writing, number: str, *, made_at: datetime) -> bytes:
    """The document as PDF/A, in the debtor's language; rendering leaves no trace."""
    return render("reminder_document", _facts(writing, number), made_at=made_at, folder=HERE)


def _facts(writing: Writing, number: str) -> dict[str, object]:
    locale, assignor, debtor = writing.locale, writing.assignor, writing.file.debtor
    phrases = Phrases(locale, writing.file.account.currency, writing.on)
    day = phrases.day(writing.on)
    said = writing.composed()
    rows = [
        (file, asked) for (file, _), asked in zip(writing.told, writing.statements, strict=True)
    ]
    return {
        "locale": locale,
        "number": number,
        "title": said.subject,
        "identity": _identity(assignor),
        "assignor": {
            "name": assignor.legal_name,
            "address": address_of(assignor),
            "siren": assignor.siren or "",
        },
        "debtor": {
            "name": debtor.name,
            "lines": [part.strip() for part in (debtor.address or "").split(",")],
            "siren": debtor.siren or "",
        },
        "written": phrases.say("written_on", day=day),
        "paragraphs": [block.split("\n") for block in said.text.strip().split("\n\n")],
        "account_title": phrases.say("account_on", day=day),
        "statement": phrases.table(rows),
        "total_label": phrases.say("total_asked"),
        "total": phrases.money(sum(asked.total.cents for _, asked in rows)),
        "explained": [
            {"number": file.receivable.number, "lines": _explained(asked, phrases)}
            for file, asked in rows
        ],
        "mentions": phrases.say("mentions"),
    }


def _identity(assignor: Organisation) -> str:
    known = (assignor.legal_name, assignor.legal_form, assignor.siren and f"SIREN {assignor.siren}")
    return " · ".join(part for part in known if part)


def _explained(asked: Statement, phrases: Phrases) -> Sequence[str]:
    accruals = [line for line in explain(asked).lines if line.kind is LineKind.ACCRUAL]
    return [_accrual(line, phrases) for line in accruals]


def _accrual(line: AskedLine, phrases: Phrases) -> str:
    accrual = line.accrual
    if accrual is None:
        return ""
    said = phrases.say(
        "accrual",
        start=phrases.day(accrual.from_on),
        end=phrases.day(accrual.to_on),
        principal=phrases.money(accrual.principal.cents),
        rate=rate_text(accrual.annual_rate, phrases.locale),
        days=str(accrual.days),
    )
    return f"{said} ({line.source})"
