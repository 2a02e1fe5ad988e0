"""One debtor, or one invoice, reminded otherwise than the others: another scenario, or nothing for a reason."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.collections import lookup
from portal.collections.dunning.casefile import active_scenarios, case_files
from portal.collections.dunning.choosing import (
    ChoiceRefused,
    Scope,
    choice_of,
    choose_scenario,
    forget_choice,
    lift_placement,
    place_debtor,
    segments_of,
)
from portal.collections.dunning.models import Segment
from portal.collections.dunning.scenarios import latest_versions
from portal.http.access import allow
from portal.http.caller import current_assignor_id, the_caller
from portal.http.transactions import clock, session
from portal.identity.models import Organisation
from portal.identity.permissions import Action
from portal.receivables.models import Receivable
from portal.web.scenario_words import SEGMENT_WORDS, choice_refusal

pages = Blueprint("scenario_overrides", __name__, url_prefix="/collections/<uuid:receivable_id>")

NOTHING = "-"


@pages.get("/scenario")
@allow(Action.SEE_RECEIVABLES)
def show(receivable_id: UUID) -> str:
    """Which scenario reminds this invoice, and why that one."""
    return _page(_own(receivable_id))


@pages.post("/scenario")
@allow(Action.MANAGE_COLLECTION)
def choose(receivable_id: UUID) -> Response | tuple[str, int]:
    """Choose for the invoice, or for its debtor."""
    receivable = _own(receivable_id)
    for_debtor = request.form.get("scope") == "debtor"
    scope = (
        Scope(debtor_id=receivable.debtor_id) if for_debtor else Scope(receivable_id=receivable.id)
    )
    slug, because = request.form.get("slug", ""), request.form.get("because", "")[:300]
    try:
        if not slug:
            forget_choice(session(), receivable.assignor_id, scope, **_who())
        else:
            wanted = None if slug == NOTHING else slug
            choose_scenario(
                session(), receivable.assignor_id, wanted, scope, because=because, **_who()
            )
    except ChoiceRefused as refusal:
        name = "debtor" if for_debtor else "receivable"
        return _page(receivable, {f"{name}-because": choice_refusal(refusal)}), 422
    flash(gettext("Saved."), "success")
    return redirect(url_for("scenario_overrides.show", receivable_id=receivable.id), 303)


@pages.post("/segment")
@allow(Action.MANAGE_COLLECTION)
def place(receivable_id: UUID) -> Response:
    """Put the debtor in a segment by hand, or let its behaviour decide again."""
    receivable = _own(receivable_id)
    given = request.form.get("segment", "")
    if given in set(Segment):
        because = request.form.get("because", "").strip()[:300] or None
        place_debtor(
            session(), receivable.debtor, Segment(given), because=because, by_hand=True, **_who()
        )
    else:
        lift_placement(session(), receivable.debtor, **_who())
    flash(gettext("Saved."), "success")
    return redirect(url_for("scenario_overrides.show", receivable_id=receivable.id), 303)


def _page(receivable: Receivable, errors: dict[str, str] | None = None) -> str:
    owner = session().get_one(Organisation, receivable.assignor_id)
    files = case_files(session(), owner, [receivable.id], today=clock().day())
    found = files.get(receivable.id)
    return render_template(
        "scenarios/override.html",
        one=receivable,
        applied=found.scenario if found else None,
        opted_out=bool(found and found.case.opted_out),
        running=active_scenarios(session(), owner.id),
        latest=latest_versions(session(), owner.id),
        of_debtor=choice_of(session(), owner.id, Scope(debtor_id=receivable.debtor_id)),
        of_receivable=choice_of(session(), owner.id, Scope(receivable_id=receivable.id)),
        segment=segments_of(session(), owner.id, [receivable.debtor_id])[receivable.debtor_id],
        segments=list(SEGMENT_WORDS.items()),
        segment_words=SEGMENT_WORDS,
        nothing=NOTHING,
        errors=errors or {},
        typed=request.form,
        may_manage=the_caller().may(Action.MANAGE_COLLECTION),
    )


def _own(receivable_id: UUID) -> Receivable:
    return lookup.find_receivable(session(), receivable_id, assignor_id=current_assignor_id())


def _who() -> dict[str, Any]:
    return {"by": the_caller().member_id, "at": clock().instant()}
