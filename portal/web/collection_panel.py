"""What the collection side of one receivable shows: the amount of the day, what may be done, the story."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.collections import lookup
from portal.collections.amounts import AmountToday, AskedLine, explain
from portal.collections.models import Dispute, Promise
from portal.collections.reasons import words_of
from portal.collections.standing import Standing, standings
from portal.collections.timeline import Event, Happening, actors, timeline
from portal.http.caller import Caller
from portal.identity.models import Organisation
from portal.identity.permissions import Action
from portal.payments.imputation import Imputed
from portal.payments.models import PaidTo
from portal.receivables.models import Receivable
from portal.web.collection_words import (
    DISPUTE_WORDS,
    EVENT_WORDS,
    FLAG_WORDS,
    IMPUTATION_WORDS,
    LINE_WORDS,
    MESSAGE_WORDS,
    METHOD_WORDS,
    MOVEMENT_TITLES,
    OUTCOME_WORDS,
    step_word,
)
from portal.web.presentation import current_locale, day_text, money_text, percent_text
from portal.web.scenario_words import step_title
from pricing.collection_right import CollectionReason
from pricing.late_payment import Imputation


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything the fragments of ``templates/collections/`` read, under the name ``collection``."""

    receivable: Receivable
    standing: Standing
    next_action: str
    amount: AmountToday
    lines: Sequence[Mapping[str, Any]]
    flags: Sequence[str]
    promises: Sequence[Promise]
    disputes: Sequence[Dispute]
    items: Sequence[Mapping[str, Any]]
    owed_cents: int
    token: str
    today: date
    may_record: bool
    may_manage: bool
    imputations: Mapping[Imputation, Imputed] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Any] = field(
        default_factory=lambda: {
            "disputes": DISPUTE_WORDS,
            "outcomes": OUTCOME_WORDS,
            "imputations": IMPUTATION_WORDS,
            "methods": METHOD_WORDS,
        }
    )


def panel_of(
    session: Session,
    receivable: Receivable,
    caller: Caller,
    today: date,
    *,
    imputations: Mapping[Imputation, Imputed] | None = None,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> Panel | None:
    """The panel of a receivable that has a due date; None for a draft."""
    assignor = session.get(Organisation, receivable.assignor_id)
    if assignor is None or receivable.due_on is None:
        return None
    standing = standings(session, assignor, [receivable.id], today=today)[receivable.id]
    amount = explain(standing.asked)
    return Panel(
        receivable=receivable,
        standing=standing,
        next_action=next_action(standing),
        amount=amount,
        lines=[line_of(line, receivable.currency) for line in amount.lines],
        flags=[str(FLAG_WORDS[flag]) for flag in amount.flags],
        promises=lookup.live_promises(session, receivable.id),
        disputes=lookup.open_disputes(session, receivable.id),
        items=_items(session, receivable, today),
        owed_cents=standing.asked.account.owed.cents,
        token=(typed or {}).get("token") or uuid4().hex,
        today=today,
        may_record=caller.may(Action.RECORD_PAYMENT),
        may_manage=caller.may(Action.MANAGE_COLLECTION),
        imputations=imputations or {},
        errors=errors or {},
        typed=typed or {},
    )


def next_action(standing: Standing) -> str:
    """The next thing done about a receivable, or why nothing is, in one line."""
    if standing.reason is not None and standing.next_on is None:
        return words_of(standing.reason.value, current_locale())
    if standing.next_step is None:
        return str(gettext("The plan has no step left: decide what to do next."))
    day = day_text(standing.next_on, locale=current_locale())
    return str(gettext("%(step)s on %(day)s", step=step_title(standing.next_step), day=day))


def right_word(standing: Standing) -> str | None:
    """Who collects, when it is not simply the assignor."""
    if standing.assignee is None:
        return None
    name = standing.assignee.name
    if standing.right.reason is CollectionReason.AGENT_OF_ASSIGNEE:
        agent = gettext(
            "Assigned to %(name)s, debtor not notified: you remind as its agent and are paid.",
            name=name,
        )
        return str(agent)
    if standing.right.may_remind:
        return str(gettext("Assigned to %(name)s, which agreed to your reminders.", name=name))
    return str(gettext("Assigned to %(name)s.", name=name))


def line_of(line: AskedLine, currency: str) -> dict[str, Any]:
    """One line of what may be asked, in words: label, cents, the exact figure of an accrual, its article."""
    if line.accrual is None:
        return {
            "kind": line.kind.value,
            "label": str(LINE_WORDS[line.kind]),
            "cents": line.cents,
            "source": line.source,
        }
    locale, accrual = current_locale(), line.accrual
    label = gettext(
        "%(principal)s × %(rate)s × %(days)s days, %(from_on)s to %(to_on)s",
        principal=money_text(accrual.principal.cents, currency, locale=locale),
        rate=percent_text(accrual.annual_rate, locale=locale),
        days=accrual.days,
        from_on=day_text(accrual.from_on, locale=locale),
        to_on=day_text(accrual.to_on, locale=locale),
    )
    exact = str(accrual.amount.quantize(Decimal("0.0001")))
    shown = exact.replace(".", ",") if locale == "fr" else exact
    return {"kind": line.kind.value, "label": label, "exact": shown, "source": line.source}


def _items(session: Session, receivable: Receivable, today: date) -> list[dict[str, Any]]:
    happened = timeline(session, receivable, today=today)
    names = actors(session, happened)
    return [_item(one, names.get(one.by) if one.by else None, receivable) for one in happened]


def _item(one: Happening, actor: str | None, receivable: Receivable) -> dict[str, Any]:
    title, tone, icon = EVENT_WORDS[one.event]
    return {
        "at": one.at,
        "title": _title(one, str(title)),
        "text": _text(one, receivable.currency),
        "actor": actor,
        "tone": tone,
        "icon": icon,
        "cents": one.cents,
        "currency": receivable.currency,
        "links": _links(one),
    }


def _title(one: Happening, title: str) -> str:
    if one.event is Event.MOVED:
        return str(MOVEMENT_TITLES[one.facts["kind"]])
    if one.event in (Event.REMINDER_SENT, Event.REMINDER_SUPPRESSED, Event.CALL_PLANNED):
        step = step_word(one.facts["step"], one.facts["channel"])
        return step if one.event is Event.REMINDER_SENT else f"{title} – {step}"
    return title


def _text(one: Happening, currency: str) -> str | None:
    facts = one.facts
    match one.event:
        case Event.REMINDER_SENT:
            word = MESSAGE_WORDS[facts["message_state"]][0] if facts["message_state"] else ""
            return f"{facts['to'] or ''} · {word}"
        case Event.REMINDER_SUPPRESSED:
            return words_of(facts["reason"], current_locale()) if facts["reason"] else None
        case Event.PAID:
            return _payment_text(facts, currency)
        case Event.PAYMENT_UNDONE | Event.RELEASED:
            return str(facts["because"] or "")
        case Event.PROMISED | Event.PROMISE_CANCELLED:
            day = day_text(facts["promised_for"], locale=current_locale())
            return " · ".join(filter(None, (gettext("for %(day)s", day=day), facts["note"])))
        case Event.DISPUTE_OPENED:
            return " · ".join(filter(None, (str(DISPUTE_WORDS[facts["reason"]]), facts["note"])))
        case Event.DISPUTE_CLOSED:
            return str(OUTCOME_WORDS[facts["outcome"]])
        case Event.ASSIGNED | Event.DEED_DATED | Event.DEBTOR_NOTIFIED:
            return f"{facts['lender']} · {facts['reference']}"
        case Event.CREDITED:
            return str(facts["number"])
        case _:
            return None


def _payment_text(facts: Mapping[str, Any], currency: str) -> str:
    locale = current_locale()
    parts = [
        gettext("principal %(amount)s", amount=money_text(facts["principal_cents"], currency, locale=locale)),
        gettext("penalties %(amount)s", amount=money_text(facts["interest_cents"], currency, locale=locale)),
        gettext("indemnity %(amount)s", amount=money_text(facts["indemnity_cents"], currency, locale=locale)),
    ]  # fmt: skip
    kept = [
        part
        for part, name in zip(
            parts, ("principal_cents", "interest_cents", "indemnity_cents"), strict=True
        )
        if facts[name]
    ]
    if facts["paid_to"] is PaidTo.ASSIGNEE:
        kept.append(gettext("paid to the assignee"))
    if facts["undone"]:
        kept.append(gettext("undone since"))
    return " · ".join(kept)


def _links(one: Happening) -> list[dict[str, str]]:
    links = []
    if one.message_id is not None:
        url = url_for("messages.show", message_id=one.message_id)
        links.append({"label": gettext("Read the message"), "url": url})
    if one.document_id is not None:
        url = url_for("documents.download", document_id=one.document_id)
        links.append({"label": gettext("Open the document"), "url": url})
    return links
