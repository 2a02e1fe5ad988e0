"""The statement of account of one receivable in French, line by line with its article, for legal papers."""

from portal.collections.amounts import AskedLine, LineKind, explain
from portal.payments.account import Statement
from pricing.wording import amount_text, date_text, rate_text

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


def account_lines(asked: Statement) -> list[list[str]]:
    """Label and amount of each line but the total; stretches of days are explained in words, and summed once."""
    return [
        [_label(line, asked), "" if line.cents is None else money_words(line.cents, asked)]
        for line in explain(asked).lines
        if line.kind is not LineKind.TOTAL
    ]


def money_words(cents: int, asked: Statement) -> str:
    """An amount of the statement in its currency."""
    return amount_text(cents, LOCALE, asked.account.currency)


def _label(line: AskedLine, asked: Statement) -> str:
    if line.accrual is None:
        source = f" ({line.source})" if line.source and line.kind in SOURCED else ""
        return LABELS[line.kind] + source
    accrual = line.accrual
    return (
        f"du {date_text(accrual.from_on.isoformat(), LOCALE)}"
        f" au {date_text(accrual.to_on.isoformat(), LOCALE)} :"
        f" {money_words(accrual.principal.cents, asked)} × {rate_text(accrual.annual_rate, LOCALE)}"
        f" × {accrual.days} jours"
    )
