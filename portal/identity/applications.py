"""The one-minute application: a prospect company and what it has answered so far, before any account.

Whoever holds the signed link acts for the prospect; nobody else sees it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.trail import record
from portal.config import Settings
from portal.db import Viewer, ViewerKind, look_as
from portal.identity.models import (
    Application,
    Organisation,
    OrganisationKind,
    OrganisationState,
)

RESUME_PATH = "/apply/resume/"
CONFIRM_PATH = "/apply/confirm/"


class LinkInvalid(Exception):
    """The link was not made by us, was cut short, or what it opened no longer exists."""


class ApplicationExpired(Exception):
    """The application was not finished in time; a new one takes a minute."""


class ApplicationFinished(Exception):
    """The application has become an account: its rows are reached by signing in, not by a link."""


@dataclass(frozen=True, slots=True)
class ApplicantCompany:
    """What the applicant or the public register says of the company."""

    legal_name: str
    siren: str | None = None
    siret: str | None = None
    vat_id: str | None = None
    legal_form: str | None = None
    activity_code: str | None = None
    address_line: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country: str = "FR"


def start_application(
    session: Session,
    company: ApplicantCompany,
    *,
    settings: Settings,
    at: datetime,
    locale: str = "fr",
    email: str | None = None,
    broker_id: UUID | None = None,
) -> Application:
    """A prospect company and its application; from here on the session looks as that prospect."""
    organisation = Organisation(
        id=uuid4(),
        kind=OrganisationKind.ASSIGNOR,
        state=OrganisationState.PROSPECT,
        locale=locale,
        email=email,
        created_at=at,
    )
    describe_company(organisation, company)
    look_as(session, Viewer(ViewerKind.DOOR, organisation.id))
    session.add(organisation)
    session.flush()
    look_as(session, applicant_viewer(organisation.id))
    application = Application(
        organisation_id=organisation.id,
        email=email,
        broker_id=broker_id,
        step="company",
        answers={},
        started_at=at,
        expires_at=at + timedelta(days=settings.application_days),
    )
    session.add(application)
    session.flush()
    record(
        session,
        organisation.id,
        "application_started",
        "application",
        application.id,
        {"broker": broker_id},
        by=None,
        at=at,
    )
    return application


def describe_company(organisation: Organisation, company: ApplicantCompany) -> None:
    """Replace what is known of the prospect, when the applicant corrects it."""
    organisation.legal_name = company.legal_name
    organisation.siren, organisation.siret = company.siren, company.siret
    organisation.vat_id, organisation.legal_form = company.vat_id, company.legal_form
    organisation.activity_code, organisation.country = company.activity_code, company.country
    organisation.address_line = company.address_line
    organisation.postal_code, organisation.city = company.postal_code, company.city


def applicant_viewer(organisation_id: UUID) -> Viewer:
    """The eyes of whoever holds the link: the prospect's own rows, and nothing else."""
    return Viewer(ViewerKind.ASSIGNOR, organisation_id)


def resume_token(settings: Settings, application: Application) -> str:
    """What the resuming link carries; it opens the application, not an account."""
    return str(_signer(settings, "resume").dumps(_named(application)))


def confirmation_token(settings: Settings, application: Application) -> str:
    """What the e-mailed link carries: proof that its holder reads the address given."""
    return str(
        _signer(settings, "confirm").dumps(
            [*_named(application), (application.email or "").lower()]
        )
    )


def resume_link(settings: Settings, application: Application) -> str:
    """The full address that brings an applicant back where they were."""
    return f"{settings.public_url}{RESUME_PATH}{resume_token(settings, application)}"


def confirmation_link(settings: Settings, application: Application) -> str:
    """The full address e-mailed to confirm the applicant's e-mail address."""
    return f"{settings.public_url}{CONFIRM_PATH}{confirmation_token(settings, application)}"


def application_of_resume_token(
    session: Session, settings: Settings, token: str, *, at: datetime
) -> Application:
    """The application a resuming link opens; the session then looks as its prospect.

    Raises:
        LinkInvalid: the token was not made by us, or the application is gone.
        ApplicationExpired: it was not finished in time.
        ApplicationFinished: it has become an account.
    """
    application_id, organisation_id = _read(settings, "resume", token, parts=2)
    application = _open(session, application_id, organisation_id, at)
    if application.claimed_by is not None:
        raise ApplicationFinished(application.id)
    return application


def application_of_confirmation_token(
    session: Session, settings: Settings, token: str, *, at: datetime
) -> Application:
    """The application whose e-mail address the holder of this link has just proved to read.

    Raises:
        LinkInvalid: the token was not made by us, or the address has changed since.
        ApplicationExpired: it was not finished in time.
    """
    application_id, organisation_id, email = _read(settings, "confirm", token, parts=3)
    application = _open(session, application_id, organisation_id, at)
    if (application.email or "").lower() != email:
        raise LinkInvalid("the e-mail address was changed after this link was sent")
    return application


def _open(session: Session, application_id: str, organisation_id: str, at: datetime) -> Application:
    look_as(session, applicant_viewer(UUID(organisation_id)))
    application = session.scalar(
        select(Application).where(
            Application.id == UUID(application_id),
            Application.organisation_id == UUID(organisation_id),
        )
    )
    if application is None:
        raise LinkInvalid("no application stands behind this link any more")
    if application.expires_at < at and application.claimed_by is None:
        raise ApplicationExpired(f"application {application.id} ended on {application.expires_at}")
    return application


def _named(application: Application) -> list[str]:
    return [str(application.id), str(application.organisation_id)]


def _signer(settings: Settings, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(settings.derive_secret(f"application {purpose}"), salt=purpose)


def _read(settings: Settings, purpose: str, token: str, *, parts: int) -> list[str]:
    try:
        content = _signer(settings, purpose).loads(token)
    except BadSignature as error:
        raise LinkInvalid("this link was altered or cut short") from error
    if not isinstance(content, list) or len(content) != parts:
        raise LinkInvalid("this link was made for something else")
    return content
