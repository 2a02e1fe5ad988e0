"""The members of the acting organisation, their roles, and who is invited."""

from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.http.access import allow
from portal.http.caller import the_caller
from portal.http.limits import ASK_BY_EMAIL, limited
from portal.http.transactions import clock, runtime, session
from portal.identity import lookup
from portal.identity.invitations import AlreadyMember, invite, withdraw_invitation
from portal.identity.memberships import LastOwner, change_role, revoke_membership, roles_of
from portal.identity.models import Member, Role
from portal.identity.permissions import Action
from portal.web.csv_export import csv_response
from portal.web.wording import ROLE_HINTS, ROLE_LABELS

pages = Blueprint("members", __name__, url_prefix="/members")


@pages.get("/")
@allow(Action.SEE_MEMBERS)
def index() -> str:
    """Everybody in the organisation, and the invitations that still open."""
    return _page({"email": "", "role": Role.MANAGER.value}, {})


@pages.get("/export.csv")
@allow(Action.SEE_MEMBERS)
def export() -> Response:
    """The members, as a table."""
    header = [gettext("Name"), gettext("E-mail address"), gettext("Role"), gettext("Since")]
    owner = the_caller().organisation_id
    return csv_response(
        gettext("members"),
        header,
        lambda: (
            (one.member.name, one.member.email, ROLE_LABELS[one.role], one.created_at.date())
            for one in lookup.members_of(session(), owner)
        ),
    )


@pages.post("/invitations")
@allow(Action.MANAGE_MEMBERS)
@limited(ASK_BY_EMAIL)
def invite_member() -> Response | tuple[str, int]:
    """Invite an address by e-mail."""
    caller = the_caller()
    typed = {
        "email": request.form.get("email", "").strip(),
        "role": request.form.get("role", ""),
    }
    errors = _errors(typed)
    if not errors:
        try:
            invite(
                session(),
                caller.organisation,
                typed["email"],
                Role(typed["role"]),
                settings=runtime().settings,
                by=session().get_one(Member, caller.member_id),
                at=clock().instant(),
            )
        except AlreadyMember:
            errors["email"] = gettext("This address is already a member's: change the role below.")
    if errors:
        return _page(typed, errors), 422
    flash(gettext("The invitation was sent to %(email)s.", email=typed["email"]), "success")
    return redirect(url_for("members.index"), 303)


@pages.post("/invitations/<uuid:invitation_id>/withdraw")
@allow(Action.MANAGE_MEMBERS)
def withdraw(invitation_id: UUID) -> Response:
    """Close an invitation."""
    caller = the_caller()
    invitation = lookup.find_invitation(
        session(), invitation_id, organisation_id=caller.organisation_id
    )
    withdraw_invitation(session(), invitation, by=caller.member_id, at=clock().instant())
    flash(gettext("The invitation was withdrawn: its link opens nothing any more."), "success")
    return redirect(url_for("members.index"), 303)


@pages.post("/<uuid:membership_id>/role")
@allow(Action.MANAGE_MEMBERS)
def give_role(membership_id: UUID) -> Response | tuple[str, int]:
    """Give a member another role."""
    caller = the_caller()
    membership = lookup.find_membership(
        session(), membership_id, organisation_id=caller.organisation_id, lock=True
    )
    wanted = request.form.get("role", "")
    if wanted not in roles_of(caller.kind):
        return _page({}, {"role": gettext("Choose a role of the list.")}), 422
    try:
        change_role(session(), membership, Role(wanted), by=caller.member_id, at=clock().instant())
    except LastOwner:
        return _page({}, {"role": _last_owner()}), 422
    flash(gettext("The role was changed."), "success")
    return redirect(url_for("members.index"), 303)


@pages.post("/<uuid:membership_id>/revoke")
@allow(Action.MANAGE_MEMBERS)
def revoke(membership_id: UUID) -> Response | tuple[str, int]:
    """Take a member out of the organisation."""
    caller = the_caller()
    membership = lookup.find_membership(
        session(), membership_id, organisation_id=caller.organisation_id, lock=True
    )
    try:
        revoke_membership(session(), membership, by=caller.member_id, at=clock().instant())
    except LastOwner:
        return _page({}, {"role": _last_owner()}), 422
    flash(gettext("This member can no longer act for the organisation."), "success")
    return redirect(url_for("members.index"), 303)


def _last_owner() -> str:
    said: str = gettext(
        "The organisation needs an owner: give this role to somebody else first, then try again."
    )
    return said


def _errors(typed: dict[str, str]) -> dict[str, str]:
    errors = {}
    try:
        validate_email(typed["email"], check_deliverability=False)
    except EmailNotValidError:
        errors["email"] = gettext(
            "“%(email)s” is not an e-mail address: write it as name@company.fr.",
            email=typed["email"],
        )
    if typed["role"] not in roles_of(the_caller().kind):
        errors["role"] = gettext("Choose a role of the list.")
    return errors


def _page(typed: dict[str, str], errors: dict[str, str]) -> str:
    caller = the_caller()
    now = clock().instant()
    return render_template(
        "members/index.html",
        members=lookup.members_of(session(), caller.organisation_id),
        invitations=lookup.open_invitations(session(), caller.organisation_id, at=now),
        typed={"email": "", "role": Role.MANAGER.value} | typed,
        errors=errors,
        manages=caller.may(Action.MANAGE_MEMBERS),
        myself=caller.member_id,
        roles=[(role.value, ROLE_LABELS[role]) for role in roles_of(caller.kind)],
        role_labels=ROLE_LABELS,
        role_choices=[
            {"value": role.value, "label": ROLE_LABELS[role], "hint": ROLE_HINTS[role]}
            for role in roles_of(caller.kind)
        ],
    )
