"""Paying what is asked settles exactly that; the contested part comes last."""

from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from portal.payments.account import ReceivableAccount, statement
from portal.payments.imputation import Receipt, impute
from pricing.late_payment import Imputation
from pricing.parameters import law

LAW = law()
NOBODY = UUID(int=0)


@given(
    face=st.integers(10_000, 10**8),
    disputed=st.integers(0, 10**8),
    retained=st.integers(0, 10**6),
    paid_on=st.dates(date(2026, 3, 1), date(2026, 12, 31)),
    order=st.sampled_from(Imputation),
)
def test_a_payment_of_what_is_asked_leaves_nothing_asked(face, disputed, retained, paid_on, order):
    account = ReceivableAccount(
        NOBODY, NOBODY, "F-1", "EUR", face, date(2026, 2, 1),
        disputed_cents=min(disputed, face), retention_cents=min(retained, face),
    )  # fmt: skip
    asked = statement(account, paid_on, LAW)

    [part] = impute(account, [Receipt(paid_on, asked.total.cents, order)], LAW).parts

    assert part.principal_cents == asked.principal.cents
    assert part.interest_cents == asked.penalties.cents
    assert part.indemnity_cents == asked.indemnity.cents
