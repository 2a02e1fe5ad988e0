"""Claims handed to an agency rest with us; a loss is decided by a second pair of eyes."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy.orm import Session

from portal.collections.dunning.blocks import blocked
from portal.collections.legal.models import WriteOffReason
from portal.collections.legal.outsourcing import (
    Mandate,
    add_agency,
    export_rows,
    hand_over,
    live_handover,
    read_statuses,
    record_status,
)
from portal.collections.legal.refusals import LegalActRefused
from portal.collections.legal.states import HandoverAction, HandoverState
from portal.collections.legal.watch import recall_paid
from portal.collections.legal.write_offs import (
    ask_write_off,
    decide_write_off,
    reverse_write_off,
    vat_of,
)
from portal.collections.reasons import Suppression
from portal.documents.models import Document
from portal.documents.store import DocumentStore
from portal.identity.models import Organisation, Role
from tests.builders.legal import a_claim, a_late_receivable
from tests.builders.lending import a_payment_of
from tests.builders.organisations import a_member
from tests.conftest import NOW, TODAY

STORE = DocumentStore.at("memory://losses")


def an_agency(session, receivable, **given):
    told = Mandate(
        **{
            "name": "Agence Exemple",
            "address": "4 rue du Recouvrement, 69000 Exempleville",
            "signed_on": date(2026, 1, 5),
            "fee_terms": "12 % des sommes encaissées",
            "insured": True,
            "declared": True,
            **given,
        }
    )
    return add_agency(session, receivable.assignor_id, told, by=None, at=NOW)


def a_handover(session, receivable=None):
    one = receivable or a_late_receivable(session)
    return hand_over(session, a_claim(session, one), an_agency(session, one), by=None, at=NOW)


def reasons_of(session, receivable):
    return blocked(session, receivable.assignor_id, [receivable.id], TODAY)


def test_our_reminders_rest_while_an_agency_has_the_claim(session: Session):
    receivable = a_late_receivable(session)
    handover = a_handover(session, receivable)
    assert reasons_of(session, receivable) == {receivable.id: Suppression.HANDED_OVER}

    record_status(session, handover, HandoverAction.RECALL, TODAY, note=None, by=None, at=NOW)

    assert reasons_of(session, receivable) == {}


def test_the_agency_is_given_the_amount_by_element(session: Session):
    receivable = a_late_receivable(session, number="F-AG")
    claim = a_claim(session, receivable)
    handover = hand_over(session, claim, an_agency(session, receivable), by=None, at=NOW)

    head, row = export_rows([(handover, receivable)])

    given = dict(zip(head, row, strict=True))
    assert given["numero"] == "F-AG"
    assert (given["principal"], given["indemnite"]) == ("10000.00", "40.00")
    assert given["total"] == f"{claim.asked.total.euros:.2f}"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"insured": False}, "agency_conditions"),
        ({"declared": False}, "agency_conditions"),
        ({"fee_terms": ""}, "name_needed"),
        ({"signed_on": TODAY + timedelta(days=1)}, "day_in_future"),
    ],
)
def test_an_agency_without_what_the_code_wants_is_not_recorded(session: Session, given, code):
    with pytest.raises(LegalActRefused, match=code):
        an_agency(session, a_late_receivable(session), **given)


def test_a_mandate_that_is_over_takes_nothing_more(session: Session):
    receivable = a_late_receivable(session)
    agency = an_agency(session, receivable, ends_on=TODAY - timedelta(days=1))

    with pytest.raises(LegalActRefused, match="mandate_over"):
        hand_over(session, a_claim(session, receivable), agency, by=None, at=NOW)


def test_the_agencys_file_moves_its_claims_and_tells_the_numbers_it_does_not_hold(session: Session):
    receivable = a_late_receivable(session, number="F-77")
    handover = a_handover(session, receivable)
    agency = session.get_one(type(an_agency_row(handover, session)), handover.agency_id)
    content = f"numero;statut;date;note\nF-77;en_cours;{TODAY};appelé\nF-99;paye;{TODAY};\n"

    read = read_statuses(session, agency, content.encode(), by=None, at=NOW)
    again = read_statuses(session, agency, content.encode(), by=None, at=NOW)

    assert (read.moved, read.unknown) == (1, ("F-99",))
    assert again.moved == 0
    assert (handover.state, handover.status_note) == (HandoverState.IN_HAND, "appelé")


def an_agency_row(handover, session):
    from portal.collections.legal.models import CollectionAgency

    return session.get_one(CollectionAgency, handover.agency_id)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xfe", "csv_unreadable"),
        (b"a;b\n1;2\n", "csv_unreadable"),
        (b"numero;statut;date\nF-77;perdu;2026-11-23\n", "csv_row"),
        (b"numero;statut;date\nF-77;paye;hier\n", "csv_row"),
    ],
)
def test_a_file_that_cannot_be_read_changes_nothing(session: Session, content, code):
    receivable = a_late_receivable(session, number="F-77")
    handover = a_handover(session, receivable)

    with pytest.raises(LegalActRefused, match=code):
        read_statuses(session, an_agency_row(handover, session), content, by=None, at=NOW)

    assert handover.state is HandoverState.HANDED_OVER


def test_a_claim_that_is_paid_is_recalled(session: Session):
    receivable = a_late_receivable(session)
    a_handover(session, receivable)
    assert recall_paid(session, receivable.assignor_id, today=TODAY, at=NOW) == 0

    a_payment_of(session, receivable, receivable.face_cents)

    assert recall_paid(session, receivable.assignor_id, today=TODAY, at=NOW) == 1
    assert live_handover(session, receivable.id) is None
    assert recall_paid(session, receivable.assignor_id, today=TODAY, at=NOW) == 0


def a_loss(session, receivable, by, reason=WriteOffReason.LIQUIDATION):
    claim = a_claim(session, receivable)
    return ask_write_off(
        session, claim, reason, "Clôture pour insuffisance d'actif", vat_on_debits=True, by=by, at=NOW
    )  # fmt: skip


def decide(session, loss, member, role=Role.OWNER, *, approved=True):
    decide_write_off(session, STORE, loss, approved=approved, by=member.id, role=role, at=NOW)


def test_whoever_asks_does_not_decide_where_another_can(session: Session):
    receivable = a_late_receivable(session)
    company = session.get_one(Organisation, receivable.assignor_id)
    owner = a_member(session, company)
    manager = a_member(session, company, Role.MANAGER)
    loss = a_loss(session, receivable, owner.id)

    with pytest.raises(LegalActRefused, match="needs_second_member"):
        decide(session, loss, owner)
    decide(session, loss, manager, Role.MANAGER)

    assert loss.approved
    assert not loss.decided_alone
    assert reasons_of(session, receivable) == {receivable.id: Suppression.WRITTEN_OFF}


def test_a_reader_is_no_second_pair_of_eyes(session: Session):
    receivable = a_late_receivable(session)
    company = session.get_one(Organisation, receivable.assignor_id)
    owner = a_member(session, company)
    a_member(session, company, Role.READER)
    loss = a_loss(session, receivable, owner.id)

    decide(session, loss, owner)

    assert loss.approved
    assert loss.decided_alone


def test_a_manager_alone_does_not_decide_on_its_own_request(session: Session):
    receivable = a_late_receivable(session)
    manager = a_member(session, session.get_one(Organisation, receivable.assignor_id), Role.MANAGER)

    with pytest.raises(LegalActRefused, match="needs_second_member"):
        decide(session, a_loss(session, receivable, manager.id), manager, Role.MANAGER)


def test_a_balance_that_changed_is_asked_for_again(session: Session):
    receivable = a_late_receivable(session)
    owner = a_member(session, session.get_one(Organisation, receivable.assignor_id))
    loss = a_loss(session, receivable, None)
    a_payment_of(session, receivable, 100_000)

    with pytest.raises(LegalActRefused, match="amount_changed"):
        decide(session, loss, owner)
    decide(session, loss, owner, approved=False)

    assert reasons_of(session, receivable) == {}
    assert a_loss(session, receivable, None).amount_cents == 900_000


def test_the_note_carries_the_mention_of_the_duplicate(session: Session):
    """12 000 € at 20 %, 3 000 € paid: 7 500 € net and 1 500 € of VAT."""
    receivable = a_late_receivable(
        session, face_cents=1_200_000, net_cents=1_000_000, vat_cents=200_000
    )
    a_payment_of(session, receivable, 300_000)
    owner = a_member(session, session.get_one(Organisation, receivable.assignor_id))
    loss = a_loss(session, receivable, None)

    decide(session, loss, owner)

    vat = vat_of(loss, receivable)
    assert vat is not None
    assert (vat.unpaid_net.cents, vat.vat.cents) == (750_000, 150_000)
    kept = session.get_one(Document, loss.document_id)
    pages = PdfReader(BytesIO(STORE.get(kept.sha256))).pages
    text = "".join("".join(page.extract_text().split()) for page in pages)
    assert "demeuréeimpayéepourlasommede7500,00€" in text
    assert "1500,00€" in text
    assert "272" in text


def test_a_loss_may_be_taken_back(session: Session):
    receivable = a_late_receivable(session)
    owner = a_member(session, session.get_one(Organisation, receivable.assignor_id))
    loss = a_loss(session, receivable, None)
    decide(session, loss, owner)

    reverse_write_off(session, loss, by=owner.id, at=NOW)

    assert reasons_of(session, receivable) == {}
