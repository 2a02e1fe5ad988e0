"""The debtor's insolvency: everything stops that day, and the claim is declared in time."""

from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy.orm import Session

from portal.collections.dunning.casefile import case_files
from portal.collections.dunning.steps import suppression
from portal.collections.legal.deadlines import insolvency_deadlines, publication_awaited
from portal.collections.legal.insolvencies import (
    Proceedings,
    claims_to_declare,
    close_insolvency,
    open_insolvency,
    record_declaration,
    record_publication,
)
from portal.collections.legal.models import DeadlineKind, InsolvencyKind
from portal.collections.legal.paperwork import render_declaration
from portal.collections.legal.refusals import LegalActRefused
from portal.collections.reasons import Suppression
from portal.identity.models import Organisation
from pricing.parameters import law
from tests.builders.legal import a_claim, a_late_receivable
from tests.builders.receivables import a_receivable
from tests.conftest import NOW, TODAY

LAW = law()
JUDGMENT = date(2026, 11, 12)


def an_insolvency(session, receivable, **given):
    told = Proceedings(
        **{
            "kind": InsolvencyKind.LIQUIDATION,
            "judgment_on": JUDGMENT,
            "court_name": "Tribunal de commerce d'Exempleville",
            "representative_name": "Étude Exemple",
            "representative_address": "2 rue du Palais, 69000 Exempleville",
            **given,
        }
    )
    return open_insolvency(session, receivable.debtor, told, by=None, at=NOW)


def days_of(insolvency):
    return {one.kind: one.on for one in insolvency_deadlines(insolvency, LAW)}


def test_collection_stops_the_same_day(session: Session):
    receivable = a_late_receivable(session)
    an_insolvency(session, receivable)
    assignor = session.get_one(Organisation, receivable.assignor_id)

    file = case_files(session, assignor, [receivable.id], today=TODAY)[receivable.id]

    assert suppression(file.case, TODAY) is Suppression.INSOLVENT


def test_no_day_is_counted_before_the_publication_is_known(session: Session):
    insolvency = an_insolvency(session, a_late_receivable(session))

    awaited = publication_awaited(insolvency, LAW)

    assert days_of(insolvency) == {}
    assert awaited is not None
    assert awaited.on == date(2026, 11, 27)


@pytest.mark.parametrize(
    ("abroad", "declare_by"), [(False, date(2027, 1, 20)), (True, date(2027, 3, 22))]
)
def test_a_claim_is_declared_two_months_after_publication_or_four_from_abroad(
    session: Session, abroad, declare_by
):
    insolvency = an_insolvency(session, a_late_receivable(session), creditor_abroad=abroad)

    record_publication(session, insolvency, date(2026, 11, 20), by=None, at=NOW)

    assert days_of(insolvency)[DeadlineKind.CLAIM_DECLARATION] == declare_by
    assert days_of(insolvency)[DeadlineKind.CLAIM_RELIEF] == date(2027, 5, 20)


def test_retained_title_is_claimed_within_three_months(session: Session):
    insolvency = an_insolvency(
        session,
        a_late_receivable(session),
        title_retained=True,
        published_on=date(2026, 11, 20),
    )

    assert days_of(insolvency)[DeadlineKind.TITLE_RECOVERY] == date(2027, 2, 22)


def test_once_declared_the_day_is_no_longer_told_and_limitation_starts_again(session: Session):
    receivable = a_late_receivable(session)
    insolvency = an_insolvency(session, receivable, published_on=date(2026, 11, 20))

    record_declaration(session, insolvency, TODAY, 1_050_000, reference="1A 2", by=None, at=NOW)

    assert days_of(insolvency) == {}
    assert a_claim(session, receivable).limitation_on == date(2031, 11, 23)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"published_on": date(2026, 11, 11)}, "published_before_judgment"),
        ({"judgment_on": date(2026, 11, 24)}, "day_in_future"),
        ({"court_name": " "}, "name_needed"),
    ],
)
def test_a_judgment_that_does_not_hold_is_not_recorded(session: Session, given, code):
    with pytest.raises(LegalActRefused, match=code):
        an_insolvency(session, a_late_receivable(session), **given)


def test_collection_resumes_only_when_the_user_says_the_debtor_is_solvent(session: Session):
    receivable = a_late_receivable(session)
    insolvency = an_insolvency(session, receivable)

    close_insolvency(session, insolvency, TODAY, solvent_again=False, by=None, at=NOW)
    assert receivable.debtor.insolvent_since == JUDGMENT

    again = an_insolvency(session, receivable, judgment_on=date(2026, 11, 13))
    close_insolvency(session, again, TODAY, solvent_again=True, by=None, at=NOW)
    assert receivable.debtor.insolvent_since is None


def test_the_declaration_counts_to_the_eve_of_the_judgment_and_sets_apart_what_falls_due_later(
    session: Session,
):
    receivable = a_late_receivable(session, number="F-DUE")
    later = a_receivable(
        session,
        session.get_one(Organisation, receivable.assignor_id),
        receivable.debtor,
        number="F-LATER",
        face_cents=240_000,
        issued_on=date(2026, 11, 2),
        due_on=date(2027, 1, 2),
    )
    insolvency = an_insolvency(session, receivable)

    lines = claims_to_declare(session, insolvency, LAW)
    content = render_declaration(
        insolvency,
        receivable.debtor,
        session.get_one(Organisation, receivable.assignor_id),
        lines,
        at=NOW,
    )
    text = "".join(
        "".join(page.extract_text().split()) for page in PdfReader(BytesIO(content)).pages
    )

    assert [(line.receivable.number, line.due) for line in lines] == [
        ("F-DUE", True),
        ("F-LATER", False),
    ]
    assert lines[1].receivable.id == later.id
    # 10 000 × (60 × 12,15 % + 134 × 12,40 %) / 365, from 2 May to 11 November 2026
    assert lines[0].asked.penalties.cents == 65_496
    for words in ("Auliquidateur", "F-DUE", "654,96", "F-LATER", "2400,00", "certifionssincère"):
        assert words in text, words
