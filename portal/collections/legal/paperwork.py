"""Documents of the legal road as PDF/A: the request for an order, the declaration of a claim. The creditor's own."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from portal.clock import PARIS
from portal.collections.legal.account_lines import LOCALE, account_lines, money_words
from portal.collections.legal.claim import Claim
from portal.collections.legal.insolvencies import DeclaredLine
from portal.collections.legal.models import Insolvency, InsolvencyKind, PaymentOrder
from portal.debtors.models import Debtor
from portal.documents.rendering import render
from portal.identity.models import Organisation
from pricing.court import CourtKind
from pricing.wording import amount_text, date_text

HERE = Path(__file__).parent
COURT_TITLES = {
    CourtKind.COMMERCIAL: "Monsieur ou Madame le président du tribunal de commerce",
    CourtKind.ECONOMIC: "Monsieur ou Madame le président du tribunal des activités économiques",
    CourtKind.COMMERCIAL_CHAMBER: "Monsieur ou Madame le président de la chambre commerciale du tribunal judiciaire",
    CourtKind.JUDICIAL: "Monsieur ou Madame le président du tribunal judiciaire",
}
KIND_WORDS = {
    InsolvencyKind.SAFEGUARD: "sauvegarde",
    InsolvencyKind.RECEIVERSHIP: "redressement judiciaire",
    InsolvencyKind.LIQUIDATION: "liquidation judiciaire",
}


def address_of(organisation: Organisation) -> str:
    """A company's address on one line."""
    town = " ".join(filter(None, (organisation.postal_code, organisation.city)))
    return ", ".join(filter(None, (organisation.address_line, town)))


def exhibits_of(claim: Claim) -> list[str]:
    """The exhibits in their order: their numbers are those of the request and of the evidence dossier."""
    one = claim.receivable
    held = claim.documents
    found = []
    if "invoice" in held:
        found.append(f"Facture {one.number} du {_day(one.issued_on)}")
    if one.order_reference or one.contract_reference:
        found.append(f"Commande ou contrat {one.order_reference or one.contract_reference}")
    if "delivery_proof" in held:
        found.append("Preuve de livraison ou d'exécution")
    for notice in claim.notices:
        proof = f", déposée le {_day(notice.deposited_on)}" if notice.deposited_on else ""
        found.append(f"Mise en demeure du {_day(notice.written_on)}{proof}")
    found.append("Décompte de la créance")
    return found


def missing_for_request(claim: Claim) -> tuple[str, ...]:
    """The codes of what the request would lack: documents, and identities that CPC 54 and 57 want."""
    wanted = ("invoice", "order", "delivery_proof", "formal_notice")
    lacking = [code for code in wanted if code not in claim.documents]
    if not claim.debtor.address:
        lacking.append("debtor_address")
    if not claim.assignor.siren:
        lacking.append("creditor_siren")
    if not claim.assignor.legal_form:
        lacking.append("creditor_form")
    if not claim.assignor.address_line:
        lacking.append("creditor_address")
    return tuple(lacking)


def render_request(claim: Claim, order: PaymentOrder, *, at: datetime) -> bytes:
    """The request for an order for payment, with the fields of the official form; not that form.

    Source: CPC art. 54, 57, 1405 to 1407.
    """
    one, asked = claim.receivable, claim.asked
    facts = {
        "court_title": COURT_TITLES[order.court_kind],
        "court_name": order.court_name,
        "creditor": _creditor(claim.assignor),
        "representative": order.representative,
        "debtor": _debtor(claim.debtor),
        "number": one.number,
        "issued_on": _day(one.issued_on),
        "due_on": _day(claim.due_on),
        "basis": _basis(claim),
        "attempts": _attempts(claim),
        "lines": account_lines(asked),
        "total": money_words(asked.total.cents, asked),
        "principal": money_words(asked.principal.cents, asked),
        "penalties": money_words(asked.penalties.cents, asked),
        "indemnity": money_words(asked.indemnity.cents, asked),
        "day_count": asked.due.day_count.value if asked.due else "",
        "exhibits": exhibits_of(claim),
        "city": claim.assignor.city or "",
        "written_on": _day(at.astimezone(PARIS).date()),
    }
    return render("order_request", facts, made_at=at, folder=HERE)


def render_declaration(
    insolvency: Insolvency,
    debtor: Debtor,
    assignor: Organisation,
    lines: Sequence[DeclaredLine],
    *,
    at: datetime,
) -> bytes:
    """The declaration of a claim to the court's representative, counted to the day of the judgment.

    Source: C. com. art. L622-24, L622-25, R622-23.
    """
    currency = lines[0].receivable.currency if lines else "EUR"
    due = sum(line.asked.total.cents for line in lines if line.due)
    later = sum(line.asked.account.owed.cents for line in lines if not line.due)
    facts = {
        "creditor": _creditor(assignor),
        "debtor": _debtor(debtor),
        "kind": KIND_WORDS[insolvency.kind],
        "judgment_on": _day(insolvency.judgment_on),
        "published_on": _day(insolvency.published_on) if insolvency.published_on else "",
        "court": insolvency.court_name,
        "representative": insolvency.representative_name,
        "representative_address": insolvency.representative_address,
        "liquidation": insolvency.kind is InsolvencyKind.LIQUIDATION,
        "due": [_declared(line) for line in lines if line.due],
        "later": [_declared(line) for line in lines if not line.due],
        "due_total": amount_text(due, LOCALE, currency),
        "later_total": amount_text(later, LOCALE, currency),
        "total": amount_text(due + later, LOCALE, currency),
        "title_retained": insolvency.title_retained,
        "security": insolvency.security_note or "",
        "city": assignor.city or "",
        "written_on": _day(at.astimezone(PARIS).date()),
    }
    return render("claim_declaration", facts, made_at=at, folder=HERE)


def _creditor(one: Organisation) -> dict[str, str]:
    return {
        "name": one.legal_name,
        "form": one.legal_form or "",
        "siren": one.siren or "",
        "address": address_of(one),
    }


def _debtor(one: Debtor) -> dict[str, str]:
    return {"name": one.name, "siren": one.siren or "", "address": one.address or ""}


def _declared(line: DeclaredLine) -> list[str]:
    asked, one = line.asked, line.receivable
    amounts = (
        (asked.principal, asked.penalties, asked.indemnity, asked.total)
        if line.due
        else (asked.account.owed,)
    )
    return [
        one.number,
        _day(one.due_on) if one.due_on else "",
        *(money_words(amount.cents, asked) for amount in amounts),
    ]


def _basis(claim: Claim) -> str:
    one = claim.receivable
    order = one.order_reference or one.contract_reference
    by = f", en exécution de la commande ou du contrat {order}" if order else ""
    done = f" Livraison ou exécution le {_day(one.delivered_on)}." if one.delivered_on else ""
    return (
        f"Créance contractuelle : facture {one.number} du {_day(one.issued_on)}, "
        f"payable le {_day(claim.due_on)}{by}.{done}"
    )


def _attempts(claim: Claim) -> list[str]:
    found = []
    if claim.reminders_sent:
        found.append(f"Relances envoyées : {claim.reminders_sent}.")
    for notice in claim.notices:
        if notice.deposited_on:
            received = f", reçue le {_day(notice.received_on)}" if notice.received_on else ""
            found.append(
                f"Mise en demeure par lettre recommandée déposée le {_day(notice.deposited_on)}{received}."
            )
    return found


def _day(day: date) -> str:
    return date_text(day.isoformat(), LOCALE)
