"""How each behaviour unfolds: what is answered at once, then the steps taken one pace apart."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from partners.sandbox.lenders import Behaviour


class Step(StrEnum):
    """One thing a lender does by itself."""

    OFFER = "offer"
    OFFER_TWICE = "offer_twice"
    OFFER_WRONG_TOTAL = "offer_wrong_total"
    ASK = "ask"
    ASK_AND_OFFER_REVERSED = "ask_and_offer_reversed"
    DECLINE = "decline"
    SAY_UNKNOWN_WORD = "say_unknown_word"
    WITHDRAW_OFFER = "withdraw_offer"
    DATE_DEED = "date_deed"
    DISBURSE = "disburse"
    DATE_AND_DISBURSE_REVERSED = "date_and_disburse_reversed"
    NOTIFY_DEBTORS = "notify_debtors"
    RELEASE_RESERVE = "release_reserve"
    SETTLE = "settle"


class Fault(StrEnum):
    """What goes wrong with the answer to a submission."""

    NONE = "none"
    HANG = "hang"
    HANG_ONCE_RECORDED = "hang_once_recorded"
    UNAVAILABLE = "unavailable"
    UNAVAILABLE_TWICE = "unavailable_twice"
    NOT_JSON = "not_json"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Script:
    """One behaviour: the step taken inside the first answer, those after, the fault."""

    at_once: Step | None = None
    then: tuple[Step, ...] = ()
    fault: Fault = Fault.NONE
    is_reversed_after_deed: bool = False


SCRIPTS: Mapping[Behaviour, Script] = {
    Behaviour.AT_ONCE: Script(at_once=Step.OFFER),
    Behaviour.SLOW: Script(then=(Step.OFFER,)),
    Behaviour.ASKS_DOCUMENT: Script(then=(Step.ASK,)),
    Behaviour.DECLINES: Script(then=(Step.DECLINE,)),
    Behaviour.SILENT: Script(fault=Fault.HANG),
    Behaviour.LOSES_ANSWER: Script(at_once=Step.OFFER, fault=Fault.HANG_ONCE_RECORDED),
    Behaviour.TWICE: Script(then=(Step.OFFER_TWICE,)),
    Behaviour.UNKNOWN_STATUS: Script(then=(Step.SAY_UNKNOWN_WORD, Step.OFFER)),
    Behaviour.FAILS_THEN_RECOVERS: Script(then=(Step.OFFER,), fault=Fault.UNAVAILABLE_TWICE),
    Behaviour.FAILS: Script(fault=Fault.UNAVAILABLE),
    Behaviour.WRONG_TOTAL: Script(then=(Step.OFFER_WRONG_TOTAL,)),
    Behaviour.OUT_OF_ORDER: Script(
        then=(Step.ASK_AND_OFFER_REVERSED,), is_reversed_after_deed=True
    ),
    Behaviour.CHANGES_MIND: Script(then=(Step.OFFER, Step.WITHDRAW_OFFER)),
    Behaviour.UNREADABLE: Script(fault=Fault.NOT_JSON),
    Behaviour.REFUSES_MESSAGE: Script(fault=Fault.REFUSED),
}

_MAGIC = re.compile(r"sandbox[:-]([a-z_]+)(?:@([a-z-]+))?", re.IGNORECASE)

_SHORT_NAMES: Mapping[str, Behaviour] = {
    "offer": Behaviour.AT_ONCE,
    "decline": Behaviour.DECLINES,
    "ask": Behaviour.ASKS_DOCUMENT,
    "duplicate": Behaviour.TWICE,
    "unknown": Behaviour.UNKNOWN_STATUS,
    "timeout": Behaviour.SILENT,
}


def behaviour_for(lender: str, usual: Behaviour, body: Mapping[str, Any]) -> Behaviour:
    """The behaviour a dossier forces by a magic value, else the lender's usual one.

    The magic value is `sandbox:<behaviour>`, or `sandbox:<behaviour>@<lender>` for one
    lender only, in the note, the reference, or a receivable's number.
    """
    for name, only in _forced(_places(body)):
        behaviour = _SHORT_NAMES.get(name) or _named(name)
        if behaviour is not None and only in ("", lender):
            return behaviour
    return usual


def steps_after_deed(behaviour: Behaviour, product: str, *, with_notice: bool) -> tuple[Step, ...]:
    """Only a Dailly deed is dated by the assignee; the advance leaves; debtors may be told.

    A discounted bill needs no notice: the debtor signed it.
    """
    notice = (Step.NOTIFY_DEBTORS,) if with_notice and product in ("dailly", "factoring") else ()
    if product != "dailly":
        return (Step.DISBURSE, *notice)
    if SCRIPTS[behaviour].is_reversed_after_deed:
        return (Step.DATE_AND_DISBURSE_REVERSED, *notice)
    return (Step.DATE_DEED, Step.DISBURSE, *notice)


def _places(body: Mapping[str, Any]) -> Iterable[str]:
    yield str(body.get("note", ""))
    yield str(body.get("reference", ""))
    for receivable in body.get("receivables", ()):
        yield str(receivable.get("number", ""))


def _forced(places: Iterable[str]) -> Iterable[tuple[str, str]]:
    for place in places:
        for name, only in _MAGIC.findall(place):
            yield name.lower(), only.lower()


def _named(name: str) -> Behaviour | None:
    return next((one for one in Behaviour if one.value == name), None)
