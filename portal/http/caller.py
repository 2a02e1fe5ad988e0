"""Who is asking: the member, the organisation they act for, and the client a broker stands in for."""

from dataclasses import dataclass
from uuid import UUID

from flask import abort, g
from flask import session as cookie
from flask_login import current_user
from sqlalchemy import select

from portal.brokers.lookup import live_mandate
from portal.db import Viewer, ViewerKind
from portal.http.transactions import clock, look_through, session
from portal.identity.models import Membership, Organisation, OrganisationKind, Role
from portal.identity.permissions import Action, actions_of

ORGANISATION_KEY = "organisation"
CLIENT_KEY = "client"


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in member acting for one organisation, and for a broker perhaps one client."""

    member_id: UUID
    organisation: Organisation
    role: Role
    client_id: UUID | None = None

    @property
    def kind(self) -> OrganisationKind:
        return self.organisation.kind

    @property
    def organisation_id(self) -> UUID:
        return self.organisation.id

    @property
    def viewer(self) -> Viewer:
        if self.kind is OrganisationKind.BROKER:
            return _broker_viewer(self.organisation_id, self.member_id)
        return Viewer(ViewerKind(self.kind.value), self.organisation_id, self.member_id)

    def may(self, action: Action) -> bool:
        return action in actions_of(self.kind, self.role, for_client=self.client_id is not None)


def current_caller() -> Caller | None:
    """Who calls, or None when nobody is signed in; from here on the session sees as they do."""
    if "caller" not in g:
        g.caller = _identify()
        if g.caller is not None:
            look_through(g.caller.viewer)
    found: Caller | None = g.caller
    return found


def the_caller() -> Caller:
    """Who calls; a page that needs one is never reached without."""
    caller = current_caller()
    if caller is None:
        abort(401)
    return caller


def current_assignor_id() -> UUID:
    """Whose receivables a page is about: the assignor itself, or the broker's chosen client."""
    caller = the_caller()
    if caller.kind is OrganisationKind.ASSIGNOR:
        return caller.organisation_id
    if caller.kind is OrganisationKind.BROKER and caller.client_id is not None:
        return caller.client_id
    abort(404)


def choose_organisation(organisation_id: UUID) -> None:
    """Act for another organisation from the next request on; checked again at each request."""
    cookie[ORGANISATION_KEY] = str(organisation_id)
    cookie.pop(CLIENT_KEY, None)


def choose_client(assignor_id: UUID | None) -> None:
    """A broker turns to one client, or back to its own pages."""
    if assignor_id is None:
        cookie.pop(CLIENT_KEY, None)
    else:
        cookie[CLIENT_KEY] = str(assignor_id)


def _identify() -> Caller | None:
    if not current_user.is_authenticated:
        return None
    member_id: UUID = current_user.id
    look_through(Viewer(ViewerKind.DOOR, None, member_id))
    memberships = session().scalars(
        select(Membership)
        .where(Membership.member_id == member_id, Membership.revoked_at.is_(None))
        .order_by(Membership.created_at, Membership.id)
    )
    by_organisation = {str(one.organisation_id): one for one in memberships}
    if not by_organisation:
        return None
    chosen = by_organisation.get(cookie.get(ORGANISATION_KEY, ""))
    membership = chosen or next(iter(by_organisation.values()))
    organisation = membership.organisation
    return Caller(member_id, organisation, membership.role, _live_client(member_id, organisation))


def _live_client(member_id: UUID, organisation: Organisation) -> UUID | None:
    wanted = cookie.get(CLIENT_KEY)
    if organisation.kind is not OrganisationKind.BROKER or not wanted:
        return None
    look_through(_broker_viewer(organisation.id, member_id))
    mandate = live_mandate(
        session(), broker_id=organisation.id, assignor_id=UUID(wanted), on=clock().day()
    )
    return mandate.assignor_id if mandate else None


def _broker_viewer(organisation_id: UUID, member_id: UUID) -> Viewer:
    """What a broker sees ends with its mandates, on the day of the product's calendar."""
    return Viewer(ViewerKind.BROKER, organisation_id, member_id, clock().day())
