"""What a lender is told when what it says cannot be applied as it is."""

from collections.abc import Mapping, Sequence

from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.receivables.models import Receivable
from portal.settlement.ledger_lines import Debt

OUTCOME_WORDS: Mapping[str, str] = {
    "request_closed": lazy_gettext("The company has closed this request."),
    "submission_closed": lazy_gettext("You have already answered this dossier for good."),
    "terms_do_not_add_up": lazy_gettext("The lines of the offer do not add up."),
    "already_expired": lazy_gettext("The offer would be over already."),
    "same_offer": lazy_gettext("It is the offer already open."),
    "offer_accepted": lazy_gettext("Your offer has been accepted: it binds you."),
    "deed_not_signed": lazy_gettext("The deed is not signed yet."),
    "deed_not_dated": lazy_gettext("Date the deed first."),
    "date_in_future": lazy_gettext("Give a day that has come."),
    "value_date_too_far": lazy_gettext(
        "A value date is at most two business days ahead, or the value days of your rate card."
    ),
    "dated_before_signature": lazy_gettext("A deed is not dated before it was signed."),
    "dated_already": lazy_gettext("The deed is dated already."),
    "paid_already": lazy_gettext("The advance is recorded already."),
    "amount_differs": lazy_gettext("The amount is not the one of your offer."),
    "not_disbursed": lazy_gettext("The advance is not recorded as paid."),
    "receivable_not_on_deed": lazy_gettext("Name a receivable of this deed."),
    "more_than_owed": lazy_gettext("It is more than the debtor owes on it."),
    "more_than_reserve": lazy_gettext("It is more than the reserve you hold."),
    "reserve_not_earned": lazy_gettext("The debtors have not paid enough to release that much."),
    "without_recourse": lazy_gettext("Your offer is without recourse."),
    "called_already": lazy_gettext("Recourse is called already."),
    "nothing_unpaid": lazy_gettext("Nothing of the advance is left unpaid."),
    "more_than_recourse": lazy_gettext("It is more than you asked back."),
    "charges_due": lazy_gettext("Report first that the company paid your last charges."),
    "more_than_due": lazy_gettext("It is more than your last charges still due."),
    "recourse_not_called": lazy_gettext("Call recourse first."),
    "notified_already": lazy_gettext("The notice is recorded already."),
    "deal_over": lazy_gettext("This deal is over."),
}


def unpaid_choices(session: Session, debts: Sequence[Debt]) -> list[dict[str, object]]:
    """The receivables still owed on a deed: number, cents left, and their share of the advance."""
    left = {debt.receivable_id: debt for debt in debts if debt.left_cents}
    rows = session.execute(
        select(Receivable.id, Receivable.number, Receivable.due_on).where(Receivable.id.in_(left))
    )
    return [
        {
            "number": row.number,
            "due_on": row.due_on,
            "left_cents": left[row.id].left_cents,
            "advance_left_cents": left[row.id].advance_left_cents,
        }
        for row in rows
    ]
