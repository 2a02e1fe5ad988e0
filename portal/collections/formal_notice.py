"""The draft of a formal notice (mise en demeure), as a PDF that the assignor signs and sends itself."""

import json
from datetime import date, timedelta
from importlib import resources

import typst

from portal.collections.amounts import AskedLine, LineKind, explain
from portal.collections.dunning.casefile import CaseFile
from portal.collections.dunning.reminding import address_of, payee
from portal.identity.models import Organisation
from portal.payments.account import Statement
from pricing.parameters import LegalParameters
from pricing.wording import amount_text, date_text, rate_text

ANSWER_DAYS = 8
LOCALE = "fr"
SOURCED = (LineKind.PENALTIES_ACCRUED, LineKind.INDEMNITY, LineKind.RETENTION)
LABELS = {
    LineKind.FACE: "Montant de la facture, TVA comprise",
    LineKind.PREPAID: "Acomptes",
    LineKind.CREDITED: "Avoirs",
    LineKind.PAID: "Règlements imputés sur le principal",
    LineKind.DISPUTED: "Part contestée, non réclamée ici",
    LineKind.RETENTION: "Retenue de garantie",
    LineKind.PRINCIPAL: "Principal exigible",
    LineKind.PENALTIES_ACCRUED: "Pénalités de retard, arrondies une fois",
    LineKind.PENALTIES_PAID: "Pénalités déjà réglées",
    LineKind.INDEMNITY: "Indemnité forfaitaire pour frais de recouvrement",
    LineKind.INDEMNITY_PAID: "Indemnité déjà réglée",
}


def render_formal_notice(
    file: CaseFile, assignor: Organisation, on: date, law: LegalParameters
) -> bytes:
    """The letter as PDF/A: parties, invoice, what is asked line by line with its article, delay and payee.

    It is a private letter of the creditor and looks like one (C. pén. 433-13); it sets
    interest running (C. civ. 1344-1) and does not interrupt limitation.
    """
    asked = file.statement(on, law)
    source = resources.files("portal.collections").joinpath("formal_notice.typ").read_bytes()
    facts = json.dumps(_facts(file, assignor, asked), ensure_ascii=False)
    made: bytes = typst.compile(
        source, format="pdf", pdf_standards=["a-3b"], sys_inputs={"facts": facts}
    )
    return made


def _facts(file: CaseFile, assignor: Organisation, asked: Statement) -> dict[str, object]:
    name, iban = payee(file, assignor)
    return {
        "assignor": _party(assignor.legal_name, address_of(assignor), assignor.siren),
        "legal_form": assignor.legal_form or "",
        "debtor": _party(file.debtor.name, file.debtor.address or "", file.debtor.siren),
        "city": assignor.city or "",
        "written_on": date_text(asked.on.isoformat(), LOCALE),
        "answer_by": date_text((asked.on + timedelta(days=ANSWER_DAYS)).isoformat(), LOCALE),
        "answer_days": str(ANSWER_DAYS),
        "number": file.receivable.number,
        "issued_on": date_text(file.receivable.issued_on.isoformat(), LOCALE),
        "due_on": date_text(file.case.due_on.isoformat(), LOCALE),
        "order_reference": file.receivable.order_reference or "",
        "lines": _lines(asked),
        "total": amount_text(asked.total.cents, LOCALE, file.account.currency),
        "payee": name,
        "iban": iban or "",
        "to_assignee": file.to_assignee,
        "day_count": asked.due.day_count.value if asked.due else "",
    }


def _party(name: str, address: str, siren: str | None) -> dict[str, str]:
    return {"name": name, "address": address, "siren": siren or ""}


def _lines(asked: Statement) -> list[list[str]]:
    """Label and amount of each line; stretches of days are explained in words, and summed once."""
    return [
        [_label(line, asked), "" if line.cents is None else _money(line.cents, asked)]
        for line in explain(asked).lines
        if line.kind is not LineKind.TOTAL
    ]


def _money(cents: int, asked: Statement) -> str:
    return amount_text(cents, LOCALE, asked.account.currency)


def _label(line: AskedLine, asked: Statement) -> str:
    if line.accrual is None:
        source = f" ({line.source})" if line.source and line.kind in SOURCED else ""
        return LABELS[line.kind] + source
    accrual = line.accrual
    return (
        f"du {date_text(accrual.from_on.isoformat(), LOCALE)}"
        f" au {date_text(accrual.to_on.isoformat(), LOCALE)} :"
        f" {_money(accrual.principal.cents, asked)} × {rate_text(accrual.annual_rate, LOCALE)}"
        f" × {accrual.days} jours"
    )
