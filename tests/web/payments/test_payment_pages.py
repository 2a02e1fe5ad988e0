"""The payments of an assignor as pages."""

from datetime import timedelta

import pytest

from portal.identity.models import Organisation
from portal.payments.recording import unallocated_cents
from pricing.money import Money
from tests.builders.organisations import a_member, an_assignor
from tests.builders.receivables import a_receivable
from tests.conftest import TODAY
from tests.portal.payments.test_recording import pay


@pytest.fixture
def first(session):
    return a_receivable(session, an_assignor(session), face_cents=100_000)


@pytest.fixture
def second(session, first):
    owner = session.get_one(Organisation, first.assignor_id)
    return a_receivable(session, owner, first.debtor, face_cents=100_000)


@pytest.fixture
def payment(session, first):
    day = TODAY - timedelta(days=5)
    return pay(session, first, 100_000, amount=Money(150_000), received_on=day)


def test_the_page_allocates_and_says_what_is_wrong(session, payment, second, client_of):
    owner = session.get_one(Organisation, payment.assignor_id)
    visitor = client_of(a_member(session, owner))
    url = f"/payments/{payment.id}/allocate"

    listed = visitor.get("/payments/").text
    wrong = visitor.post(url, data={"rest": "50000", str(second.id): "beaucoup"})
    more = visitor.post(url, data={"rest": "50000", str(second.id): "600,00"})
    done = visitor.post(url, data={"rest": "50000", str(second.id): "300,00"})

    assert url in listed
    assert "beaucoup" in wrong.text
    assert (wrong.status_code, more.status_code, done.status_code) == (422, 422, 303)
    assert unallocated_cents(payment) == 20_000
    assert second.number in visitor.get(url).text
