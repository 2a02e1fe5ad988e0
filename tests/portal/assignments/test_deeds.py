"""What a deed says, who signs it, and who alone dates it."""

import io
from datetime import timedelta

import pypdf
import pytest
from sqlalchemy import select

from portal.assignments.acceptance import accept_offer
from portal.assignments.deed_facts import TITLES, deed_facts, missing_mentions
from portal.assignments.drafting import draft_deed
from portal.assignments.lookup import evidence_of
from portal.assignments.signing import sign_deed
from portal.assignments.states import DEED_TRANSITIONS, DeedState
from portal.audit.trail import broken_links
from portal.documents.models import Document, DocumentGrant
from portal.documents.rendering import render
from portal.funding.refusals import (
    ConsentMissing,
    DeedHasChanged,
    DeedNotReady,
    SignatoryNameDiffers,
)
from portal.funding.states import (
    OFFER_TRANSITIONS,
    REQUEST_TRANSITIONS,
    SUBMISSION_TRANSITIONS,
    OfferState,
    RequestState,
    SubmissionState,
)
from portal.identity.models import Organisation
from portal.states import reachable
from pricing.products.quote import Product
from tests.builders.funding import a_signature, a_signed_deal, an_offered_request
from tests.builders.organisations import a_member, an_assignor
from tests.builders.receivables import a_debtor, a_receivable
from tests.conftest import NOW, TODAY


def a_drafted_deed(session, store, product=Product.DAILLY, **given):
    request = an_offered_request(session, product, **given)
    deed = accept_offer(session, request, request.offers[0].id, by=None, at=NOW)
    draft_deed(session, store, deed, at=NOW)
    return request, deed


def text_of(store, deed) -> str:
    reader = pypdf.PdfReader(io.BytesIO(store.get(deed.document_sha256)))
    return " ".join("\n".join(page.extract_text() for page in reader.pages).split())


class TestTheDaillySlip:
    def test_every_mention_the_law_requires_is_on_paper(self, session, store):
        request, deed = a_drafted_deed(session, store)
        line = request.lines[0]

        text = text_of(store, deed)

        assert "Acte de cession de créances professionnelles" in text
        assert "articles L. 313-23 à L. 313-34 du Code monétaire et financier" in text
        assert session.get_one(Organisation, deed.lender_id).legal_name in text
        assert line.receivable.number in text
        assert line.receivable.debtor.name in text
        assert "FR7600000000000000000000000" in text
        assert f"{line.receivable.due_on:%d/%m/%Y}" in text
        assert "12 000,00 €" in text.replace("\u202f", " ").replace("\xa0", " ")
        assert "1 créance, pour un montant global" in text
        assert "art. R. 314-2" in text

    def test_it_bears_no_date_of_its_own(self, session, store):
        _, deed = a_drafted_deed(session, store)

        text = text_of(store, deed)

        assert "Date apposée par le cessionnaire" in text
        assert f"{TODAY:%d/%m/%Y}" not in text
        assert deed.dated_on is None

    @pytest.mark.parametrize(
        ("removed", "code"),
        [("title", "title"), ("transmission", "transmission"), ("total", "total")],
    )
    def test_a_missing_mention_stops_it(self, session, store, removed, code):
        _, deed = a_drafted_deed(session, store)

        assert code in missing_mentions({**deed_facts(session, deed), removed: ""})

    @pytest.mark.parametrize("field", ["debtor", "place", "amount", "due", "number"])
    def test_a_claim_not_fully_designated_stops_it(self, session, store, field):
        _, deed = a_drafted_deed(session, store)
        facts = deed_facts(session, deed)
        facts["lines"] = [{**facts["lines"][0], field: ""}]

        assert any(code.endswith(field) for code in missing_mentions(facts))

    def test_a_complete_one_lacks_nothing(self, session, store):
        _, deed = a_drafted_deed(session, store)

        assert missing_mentions(deed_facts(session, deed)) == ()


class TestEveryDeed:
    @pytest.mark.parametrize("product", Product)
    def test_is_archivable_and_titled_for_its_product(self, session, store, product):
        _, deed = a_drafted_deed(session, store, product)

        content = store.get(deed.document_sha256)

        assert TITLES[product] in text_of(store, deed)
        assert b"pdfaid:part" in content or b"pdfaid" in content

    def test_the_same_facts_give_the_same_bytes(self, session, store):
        _, deed = a_drafted_deed(session, store)
        facts = deed_facts(session, deed)

        again = render("dailly", facts, made_at=deed.created_at)

        assert again == store.get(deed.document_sha256)

    def test_the_lender_may_read_it_and_no_other_lender(self, session, store):
        _, deed = a_drafted_deed(session, store)

        granted = session.scalars(
            select(DocumentGrant.organisation_id).where(
                DocumentGrant.document_id == deed.document_id
            )
        ).all()

        assert granted == [deed.lender_id]

    def test_a_subrogation_says_expressly_that_it_happens_with_the_payment(self, session, store):
        _, deed = a_drafted_deed(session, store, Product.FACTORING)

        text = text_of(store, deed)

        assert "subroge expressément" in text
        assert "au moment même de ce paiement" in text
        assert "articles 1346-1 à 1346-5 du Code civil" in text


class TestTheNotice:
    def test_a_letter_is_prepared_for_the_lender_to_date_and_send(self, session, store):
        request, deed = a_drafted_deed(session, store, debtor_notice=True)

        letter = session.scalars(
            select(Document)
            .join(DocumentGrant, DocumentGrant.document_id == Document.id)
            .where(
                DocumentGrant.organisation_id == deed.lender_id,
                Document.filename == f"{deed.reference}-notification-1.pdf",
            )
        ).one()

        reader = pypdf.PdfReader(io.BytesIO(store.get(letter.sha256)))
        text = " ".join(reader.pages[0].extract_text().split())
        assert "articles L. 313-23 à L. 313-34" in text
        assert "cesser, à compter de la présente notification, tout paiement" in text
        assert request.lines[0].receivable.debtor.name in text
        assert f"{TODAY:%d/%m/%Y}" not in text
        assert deed.notified_on is None

    def test_two_debtors_of_one_name_each_get_their_own_letter(self, session, store):
        assignor = an_assignor(session, iban="FR7600000000000000000000000")
        homonyms = [a_debtor(session, assignor, name="Boulangerie Exemple") for _ in range(2)]
        receivables = [a_receivable(session, assignor, debtor) for debtor in homonyms]

        _, deed = a_drafted_deed(
            session, store, assignor=assignor, receivables=receivables, debtor_notice=True
        )

        letters = session.scalars(
            select(Document).where(
                Document.filename.startswith(f"{deed.reference}-notification-"),
            )
        ).all()
        assert len(letters) == 2

    def test_no_letter_when_the_debtor_is_not_to_be_told(self, session, store):
        _, deed = a_drafted_deed(session, store)

        names = session.scalars(
            select(Document.filename).where(Document.owner_id == deed.assignor_id)
        ).all()

        assert names == [f"{deed.reference}.pdf"]


class TestSigning:
    def test_the_evidence_says_who_when_where_and_what(self, session, store):
        deal = a_signed_deal(session, store)
        evidence = deal.deed.signature_evidence

        assert evidence["document_sha256"] == deal.deed.document_sha256
        assert evidence["member"] == str(deal.member.id)
        assert evidence["ip_address"] == "192.0.2.1"
        assert evidence["signed_at"] == NOW.isoformat()
        assert "cessionnaire seul" in evidence["consent"]
        kept = evidence_of(session, deal.deed)
        reader = pypdf.PdfReader(io.BytesIO(store.get(kept.sha256)))
        assert deal.deed.document_sha256[:40] in reader.pages[0].extract_text().replace("\n", "")

    def test_signing_does_not_date_the_deed(self, session, store):
        assert a_signed_deal(session, store).deed.dated_on is None

    @pytest.mark.parametrize(
        ("given", "refusal"),
        [
            ({"typed_name": "Quelqu'un d'autre"}, SignatoryNameDiffers),
            ({"consents": False}, ConsentMissing),
            ({"shown_sha256": "0" * 64}, DeedHasChanged),
            ({"shown_consent": "0" * 64}, DeedHasChanged),
        ],
    )
    def test_a_name_a_box_or_a_text_that_differs_signs_nothing(
        self, session, store, given, refusal
    ):
        request, deed = a_drafted_deed(session, store)
        member = a_member(session, session.get_one(Organisation, request.assignor_id))

        with pytest.raises(refusal):
            sign_deed(
                session, store, deed, member, a_signature(session, deed, member, **given), at=NOW
            )

        assert deed.state is DeedState.DRAFTED
        assert deed.signed_at is None

    def test_a_deed_is_signed_once(self, session, store):
        deal = a_signed_deal(session, store)
        again = a_signature(session, deal.deed, deal.member)

        with pytest.raises(DeedNotReady):
            sign_deed(session, store, deal.deed, deal.member, again, at=NOW + timedelta(minutes=1))

    def test_the_assignors_trail_is_whole(self, session, store):
        deal = a_signed_deal(session, store)

        assert broken_links(session, deal.deed.assignor_id) == []
        assert session.get(Document, deal.deed.document_id) is not None


MACHINES = [
    (
        REQUEST_TRANSITIONS,
        RequestState.DRAFT,
        {RequestState.SETTLED, RequestState.DECLINED, RequestState.EXPIRED, RequestState.WITHDRAWN},
    ),
    (
        SUBMISSION_TRANSITIONS,
        SubmissionState.PREPARED,
        {
            SubmissionState.DECLINED,
            SubmissionState.POLICY_BLOCKED,
            SubmissionState.DUPLICATE,
            SubmissionState.EXPIRED,
            SubmissionState.WITHDRAWN,
        },
    ),
    (
        OFFER_TRANSITIONS,
        OfferState.SEALED,
        {OfferState.DECLINED, OfferState.EXPIRED, OfferState.SUPERSEDED, OfferState.WITHDRAWN},
    ),
    (DEED_TRANSITIONS, DeedState.PREPARING, {DeedState.SETTLED, DeedState.RELEASED}),
]


@pytest.mark.parametrize(("table", "start", "final"), MACHINES)
def test_every_state_is_reached_and_only_final_ones_are_dead_ends(table, start, final):
    assert reachable(table, start) == set(table)
    assert {state for state, moves in table.items() if not moves} == final
