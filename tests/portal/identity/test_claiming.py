from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.db import DOOR, NOBODY, SYSTEM, look_as
from portal.identity.applications import (
    ApplicantCompany,
    ApplicationExpired,
    ApplicationFinished,
    LinkInvalid,
    application_of_confirmation_token,
    application_of_resume_token,
    confirmation_token,
    resume_token,
    start_application,
)
from portal.identity.claiming import (
    CompanyAlreadyHere,
    PasswordMissing,
    claim_application,
    has_account,
)
from portal.identity.models import Application, Membership, Organisation, OrganisationState, Role
from tests.builders.organisations import a_member, a_siren, an_assignor
from tests.conftest import NOW


def an_application(session: Session, settings: Settings, **given: str) -> Application:
    company = ApplicantCompany(
        legal_name="Menuiserie Exemple SARL", siren=given.pop("siren", None) or a_siren()
    )
    look_as(session, DOOR)
    return start_application(
        session,
        company,
        settings=settings,
        at=NOW,
        email=given.get("email", "camille@exemple.example"),
    )


def test_a_stranger_who_confirms_the_address_owns_an_active_company(
    session: Session, settings: Settings
):
    token = confirmation_token(settings, an_application(session, settings))
    look_as(session, DOOR)

    application = application_of_confirmation_token(session, settings, token, at=NOW)
    claim = claim_application(session, application, password_hash="hashed", at=NOW)

    look_as(session, SYSTEM)
    membership = session.scalars(select(Membership)).one()
    assert claim.new_member
    assert claim.organisation.state is OrganisationState.ACTIVE
    assert claim.member.confirmed_at == NOW
    assert (membership.member_id, membership.role) == (claim.member.id, Role.OWNER)


def test_confirming_twice_changes_nothing(session: Session, settings: Settings):
    application = an_application(session, settings)

    first = claim_application(session, application, password_hash="hashed", at=NOW)
    second = claim_application(session, application, password_hash="another", at=NOW)

    look_as(session, SYSTEM)
    assert second.member.id == first.member.id
    assert second.member.password == "hashed"
    assert len(session.scalars(select(Membership)).all()) == 1


def test_a_known_member_needs_no_new_password(session: Session, settings: Settings):
    look_as(session, SYSTEM)
    known = a_member(
        session, an_assignor(session), email="camille@exemple.example", password="kept"
    )
    application = an_application(session, settings, email="Camille@Exemple.example")

    assert has_account(session, application)
    claim = claim_application(session, application, password_hash=None, at=NOW)

    assert claim.member.id == known.id
    assert not claim.new_member


def test_a_new_member_without_a_password_is_not_made(session: Session, settings: Settings):
    with pytest.raises(PasswordMissing):
        claim_application(session, an_application(session, settings), at=NOW)


def test_a_company_already_here_is_not_taken_over_and_the_application_is_kept(
    session: Session, settings: Settings
):
    siren = an_assignor(session).siren or ""
    application = an_application(session, settings, siren=siren)
    application.answers = {"kept": True}
    session.flush()

    with pytest.raises(CompanyAlreadyHere, match=siren):
        claim_application(session, application, password_hash="hashed", at=NOW)

    look_as(session, SYSTEM)
    session.refresh(application)
    assert application.answers == {"kept": True}
    assert application.claimed_by is None
    assert session.get_one(Organisation, application.organisation_id).state is (
        OrganisationState.PROSPECT
    )


def test_a_link_opens_its_own_application_only(session: Session, settings: Settings):
    mine = an_application(session, settings)
    token, my_id = resume_token(settings, mine), mine.id
    an_application(session, settings)
    look_as(session, NOBODY)

    opened = application_of_resume_token(session, settings, token, at=NOW)

    assert opened.id == my_id
    assert session.scalars(select(Application.id)).all() == [my_id]


def test_a_resuming_link_opens_nothing_of_a_company_that_has_an_account(
    session: Session, settings: Settings
):
    application = an_application(session, settings)
    token = resume_token(settings, application)
    claim_application(session, application, password_hash="hashed", at=NOW)
    look_as(session, NOBODY)

    with pytest.raises(ApplicationFinished):
        application_of_resume_token(session, settings, token, at=NOW)


def test_an_old_confirmation_does_not_reopen_a_closed_company(session: Session, settings: Settings):
    application = an_application(session, settings)
    claim = claim_application(session, application, password_hash="hashed", at=NOW)
    claim.organisation.state = OrganisationState.CLOSED
    session.flush()

    claim_application(session, application, password_hash=None, at=NOW)

    assert claim.organisation.state is OrganisationState.CLOSED


def test_a_resuming_link_confirms_no_address(session: Session, settings: Settings):
    token = resume_token(settings, an_application(session, settings))

    with pytest.raises(LinkInvalid):
        application_of_confirmation_token(session, settings, token, at=NOW)


def test_a_link_sent_to_the_former_address_confirms_nothing(session: Session, settings: Settings):
    application = an_application(session, settings)
    token = confirmation_token(settings, application)
    application.email = "dominique@exemple.example"
    session.flush()

    with pytest.raises(LinkInvalid, match="changed after"):
        application_of_confirmation_token(session, settings, token, at=NOW)


def test_an_altered_link_is_refused(session: Session, settings: Settings):
    token = resume_token(settings, an_application(session, settings))

    with pytest.raises(LinkInvalid):
        application_of_resume_token(session, settings, token[:-1], at=NOW)


def test_an_application_ends_after_the_days_of_the_settings(session: Session, settings: Settings):
    application = an_application(session, settings)
    token = resume_token(settings, application)
    last_moment = NOW + timedelta(days=settings.application_days)

    assert application_of_resume_token(session, settings, token, at=last_moment)
    with pytest.raises(ApplicationExpired):
        application_of_resume_token(session, settings, token, at=last_moment + timedelta(seconds=1))
