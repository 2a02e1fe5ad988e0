"""The demonstration has something to show on the legal road."""

from types import SimpleNamespace

from sqlalchemy.orm import Session

from portal.collections.legal.lookup import on_the_road
from portal.collections.legal.states import OrderState
from portal.demo.legal_road import take_the_legal_road
from portal.demo.stage import Stage
from portal.documents.store import DocumentStore
from tests.builders.legal import a_late_receivable
from tests.builders.organisations import a_member, an_assignor
from tests.conftest import NOW


def test_one_claim_is_under_notice_one_order_filed_and_one_debtor_insolvent(session: Session):
    joiner, haulier = an_assignor(session, iban="FR76"), an_assignor(session)
    for company in (joiner, joiner, haulier):
        a_late_receivable(session, company)
    stage = Stage(
        session,
        SimpleNamespace(documents=DocumentStore.at("memory://demo")),
        {"menuiserie": joiner.id, "transport": haulier.id},
        {"menuiserie": a_member(session, joiner), "transport": a_member(session, haulier)},
        {},
        None,
        NOW,
    )

    assert take_the_legal_road(stage) == 3

    road = on_the_road(session, joiner.id)
    assert [notice.deposited_on is not None for notice, _ in road.notices] == [True]
    assert [order.state for order, _ in road.orders] == [OrderState.FILED]
    assert len(on_the_road(session, haulier.id).insolvencies) == 1
