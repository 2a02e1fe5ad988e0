"""What a member reads of a message: how it travelled, what became of it, and an address that refuses."""

from uuid import uuid4

import pytest

from partners.vocabulary.post import Channel, PostalAddress, PostEvent, PostStatus
from portal.db import SYSTEM, Viewer, ViewerKind, look_as
from portal.messages.models import MessageState, RejectedAddress, RejectionReason
from portal.messages.outbox import Draft, write
from portal.messages.rejections import reject, rejection_of
from portal.messages.tracking import record_event
from portal.web.message_words import masked_address
from tests.builders.organisations import a_member, an_assignor, an_operator
from tests.builders.receivables import a_receivable
from tests.conftest import NOW

WHERE = PostalAddress(("1 quai Exemple",), "75001", "PARIS")


@pytest.fixture
def owner(session):
    return an_assignor(session)


@pytest.fixture
def client(session, owner, client_of):
    return client_of(a_member(session, owner))


def a_letter(session, owner):
    look_as(session, SYSTEM)
    draft = Draft(
        kind="formal_notice",
        dedupe_key=uuid4().hex,
        to_address="",
        to_name="Débiteur Exemple SAS",
        to_postal=WHERE,
        from_postal=WHERE,
        subject="Mise en demeure F-1",
        body_text="Texte de la lettre",
        organisation_id=owner.id,
        attachment_ids=(uuid4(),),
        channel=Channel.REGISTERED_LETTER,
    )
    letter = write(session, draft, at=NOW)
    event = PostEvent(
        event_id=uuid4().hex,
        key=str(letter.id),
        reference="RA-1",
        status=PostStatus.UNCLAIMED,
        raw_status="unclaimed",
        happened_at=NOW,
        proof="unclaimed",
    )
    record_event(session, letter, event, at=NOW)
    return letter


def test_a_letters_channel_and_history_are_read_on_its_page_and_in_the_list(session, owner, client):
    letter = a_letter(session, owner)

    page, listed = client.get(f"/messages/{letter.id}"), client.get("/messages/")

    for shown in (page.text, listed.text):
        assert "Lettre recommandée" in shown
        assert "Non réclamé" in shown
    assert "1 quai Exemple, 75001 PARIS" in page.text
    assert "En cours de récupération" in page.text
    assert "unclaimed" in page.text


def a_rejected_debtor(session, owner):
    debtor = a_receivable(session, owner).debtor
    look_as(session, SYSTEM)
    debtor.contact_email = "Parti@debiteur.example"
    reject(
        session,
        owner.id,
        debtor.contact_email,
        reason=RejectionReason.BOUNCED,
        detail="550 5.1.1 no such user",
        message_id=None,
        by=None,
        at=NOW,
    )
    return debtor


def test_a_debtors_rejected_address_is_told_and_restored_by_a_person(session, owner, client):
    debtor = a_rejected_debtor(session, owner)

    page = client.get(f"/debtors/{debtor.id}")
    rejection = rejection_of(session, owner.id, debtor.contact_email)
    back = client.post(
        f"/messages/addresses/{rejection.id}/restore", data={"debtor": str(debtor.id)}
    )

    assert "Plus rien n’est envoyé à Parti@debiteur.example" in page.text
    assert "550 5.1.1 no such user" in page.text
    assert back.status_code == 303
    look_as(session, SYSTEM)
    assert rejection_of(session, owner.id, debtor.contact_email) is None


def test_a_stranger_cannot_restore_an_address(session, owner, client_of):
    debtor = a_rejected_debtor(session, owner)
    rejection_id = rejection_of(session, owner.id, debtor.contact_email).id
    stranger = an_assignor(session)

    answer = client_of(a_member(session, stranger)).post(
        f"/messages/addresses/{rejection_id}/restore"
    )

    assert answer.status_code == 404
    look_as(session, Viewer(ViewerKind.ASSIGNOR, stranger.id))
    assert session.get(RejectedAddress, rejection_id, populate_existing=True) is None


def test_an_operator_sees_the_channel_and_never_the_address_in_production(session, owner):
    letter = a_letter(session, owner)

    assert masked_address(letter) == "…, PARIS"
    letter.channel, letter.to_postal, letter.to_address = Channel.SMS, None, "+33612345678"
    assert masked_address(letter) == "…78"
    letter.channel, letter.to_address = Channel.EMAIL, "compta@debiteur.example"
    assert masked_address(letter) == "…@debiteur.example"


def test_an_operator_follows_a_letter(session, owner, client_of):
    letter = a_letter(session, owner)
    operator = client_of(a_member(session, an_operator(session)))

    listed = operator.get("/operator/messages")
    page = operator.get(f"/operator/messages/{letter.id}")

    for shown in (listed, page):
        assert "Non réclamé" in shown.text
        assert "Lettre recommandée" in shown.text


def test_a_letter_that_was_refused_is_explained_by_the_post_not_by_a_mail_server(
    session, owner, client
):
    letter = a_letter(session, owner)
    letter.state, letter.failure = MessageState.FAILED, "refused: 422: no such town"
    session.flush()

    page = client.get(f"/messages/{letter.id}").text

    assert "La poste l’a refusé, et rien n’est parti. 422: no such town" in page
    assert "serveur de messagerie" not in page
