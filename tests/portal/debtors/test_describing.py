"""What an assignor says of a debtor, and which debtor a document names."""

import pytest

from partners.vocabulary.invoices import PartyRead
from portal.debtors.describing import (
    DebtorAlreadyKnown,
    DebtorDetails,
    SirenRefused,
    describe_debtor,
)
from portal.debtors.matching import DebtorMatcher, identity_key, segment_of
from portal.debtors.models import DebtorSegment
from tests.builders.organisations import a_siren, an_assignor
from tests.builders.receivables import a_debtor
from tests.conftest import NOW


def details(**given):
    return DebtorDetails(
        **{
            "contact_name": None,
            "contact_email": "compta@debiteur.example",
            "contact_phone": None,
            "segment": DebtorSegment.PRIVATE,
            "locale": "fr",
            "assignment_restricted": False,
            "related_party": False,
            **given,
        }
    )


def test_the_identity_is_the_siren_else_the_vat_number_else_the_name():
    siren = a_siren()

    assert identity_key(PartyRead(name="Été SAS", siren=siren, vat_id="FR0")) == siren
    assert identity_key(PartyRead(name="Été SAS", vat_id="BE0123456789")) == "BE0123456789"
    assert identity_key(PartyRead(name="Été  SAS")) == identity_key(PartyRead(name="ete  sas"))


def test_a_siren_with_a_wrong_key_identifies_nobody():
    assert identity_key(PartyRead(name="Exemple", siren="123456789")) == "exemple"


@pytest.mark.parametrize(
    ("siren", "consumer", "expected"),
    [
        ("130000005", False, DebtorSegment.PUBLIC),
        ("200000008", True, DebtorSegment.PUBLIC),
        ("300000007", True, DebtorSegment.PRIVATE),
        (None, True, DebtorSegment.CONSUMER),
        (None, False, DebtorSegment.PRIVATE),
    ],
)
def test_the_nature_of_a_debtor_follows_its_siren(siren, consumer, expected):
    assert segment_of(siren, maybe_consumer=consumer) is expected


def test_a_known_debtor_gains_what_it_lacked_and_loses_nothing(session):
    assignor = an_assignor(session)
    debtor = a_debtor(session, assignor, contact_email="hers@debiteur.example")
    matcher = DebtorMatcher(session, assignor.id, assignor.siren)

    found = matcher.debtor_of(
        PartyRead(name="Autre nom", siren=debtor.siren, email="new@x.example", address="1 rue"),
        maybe_consumer=False,
        at=NOW,
    )

    assert found.id == debtor.id
    assert (found.contact_email, found.address) == ("hers@debiteur.example", "1 rue")


def test_a_buyer_that_is_the_assignor_is_a_related_party(session):
    assignor = an_assignor(session)
    matcher = DebtorMatcher(session, assignor.id, assignor.siren)
    buyer = PartyRead(name="Moi-même", siren=assignor.siren)

    assert matcher.debtor_of(buyer, maybe_consumer=False, at=NOW).related_party is True


def test_a_siren_is_checked_and_belongs_to_one_debtor(session):
    assignor = an_assignor(session)
    known, nameless = a_debtor(session, assignor), a_debtor(session, assignor, siren=None)

    with pytest.raises(SirenRefused):
        describe_debtor(session, nameless, details(siren="123456789"), by=None, at=NOW)
    with pytest.raises(DebtorAlreadyKnown):
        describe_debtor(session, nameless, details(siren=known.siren), by=None, at=NOW)


def test_a_siren_once_known_is_not_changed_by_hand(session):
    debtor = a_debtor(session, an_assignor(session))
    before = debtor.siren

    describe_debtor(session, debtor, details(siren=a_siren()), by=None, at=NOW)

    assert debtor.siren == before
