"""Words several areas show for the same thing."""

from collections.abc import Mapping

from flask_babel import lazy_gettext

from portal.identity.models import OrganisationState, Role

ROLE_LABELS: Mapping[Role, str] = {
    Role.OWNER: lazy_gettext("Owner"),
    Role.MANAGER: lazy_gettext("Manager"),
    Role.READER: lazy_gettext("Reader"),
    Role.CREDIT_OFFICER: lazy_gettext("Credit officer"),
}
ROLE_HINTS: Mapping[Role, str] = {
    Role.OWNER: lazy_gettext("Decides everything: accepts, signs, invites, changes settings"),
    Role.MANAGER: lazy_gettext("Does the daily work, but neither accepts, signs nor invites"),
    Role.READER: lazy_gettext("Sees everything and changes nothing"),
    Role.CREDIT_OFFICER: lazy_gettext("Studies requests and makes offers"),
}
ORGANISATION_STATES: Mapping[OrganisationState, tuple[str, str]] = {
    OrganisationState.PROSPECT: (lazy_gettext("Prospect"), "info"),
    OrganisationState.ACTIVE: (lazy_gettext("Active"), "success"),
    OrganisationState.CLOSED: (lazy_gettext("Closed"), "neutral"),
}
