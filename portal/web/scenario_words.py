"""What scenarios, their steps and the wording of messages are called on screen."""

from collections.abc import Mapping

from flask_babel import gettext, lazy_gettext

from portal.collections.dunning.choosing import ChoiceRefused
from portal.collections.dunning.models import Segment
from portal.collections.dunning.scenarios import ScenarioRefused
from portal.collections.dunning.steps import Anchor, Step, Tone
from portal.collections.dunning.wording import WordingRefused
from portal.web.collection_words import CHANNEL_WORDS, STEP_WORDS

TONE_WORDS: Mapping[Tone, str] = {
    Tone.COURTEOUS: lazy_gettext("Courteous"),
    Tone.FIRM: lazy_gettext("Firm"),
    Tone.FINAL: lazy_gettext("Final"),
}
ANCHOR_WORDS: Mapping[Anchor, str] = {
    Anchor.DUE: lazy_gettext("days from the due date"),
    Anchor.PREVIOUS: lazy_gettext("days after the previous step"),
}
SEGMENT_WORDS: Mapping[Segment, str] = {
    Segment.GOOD_PAYER: lazy_gettext("Good payer"),
    Segment.SLOW: lazy_gettext("Slow payer"),
    Segment.BAD: lazy_gettext("Bad payer"),
    Segment.STRATEGIC: lazy_gettext("Strategic account"),
    Segment.PUBLIC: lazy_gettext("Public body"),
    Segment.ABROAD: lazy_gettext("Abroad"),
}
KIND_WORDS: Mapping[str, str] = {
    "reminder_pre": lazy_gettext("Before the due date"),
    "reminder_r1": lazy_gettext("One invoice, courteous"),
    "reminder_r2": lazy_gettext("One invoice, firm"),
    "reminder_r3": lazy_gettext("One invoice, final"),
    "reminder_statement_1": lazy_gettext("Several invoices, courteous"),
    "reminder_statement_2": lazy_gettext("Several invoices, firm"),
    "reminder_statement_3": lazy_gettext("Several invoices, final"),
    "reminder_sms": lazy_gettext("Text message"),
}
VARIABLE_WORDS: Mapping[str, str] = {
    "contact": lazy_gettext("the person written to"),
    "debtor": lazy_gettext("the debtor's name"),
    "sender": lazy_gettext("the sender's name"),
    "number": lazy_gettext("the invoice's number"),
    "issued_date": lazy_gettext("the day it was issued"),
    "due_date": lazy_gettext("the day it falls due"),
    "today": lazy_gettext("the day of the message"),
    "days_late": lazy_gettext("the days it is late"),
    "principal": lazy_gettext("the principal still owed"),
    "penalties": lazy_gettext("the penalties of the day"),
    "indemnity": lazy_gettext("the flat indemnity"),
    "amount": lazy_gettext("what the message asks"),
    "deducted": lazy_gettext("what was taken off, if anything"),
    "details": lazy_gettext("the account line by line, with its articles"),
    "recall": lazy_gettext("that earlier reminders had no effect, if there were any"),
    "payment": lazy_gettext("whom to pay, on which account"),
    "signature": lazy_gettext("who writes"),
    "count": lazy_gettext("how many invoices"),
    "statement": lazy_gettext("the statement of account"),
}
_SCENARIO_REFUSALS: Mapping[str, str] = {
    "no_title": lazy_gettext("Give the scenario a name."),
    "no_step": lazy_gettext("Keep at least one step."),
    "too_many_steps": lazy_gettext("A scenario has twelve steps at most."),
    "cap_below_one": lazy_gettext("Allow at least one message a week."),
    "code_used_twice": lazy_gettext("Two steps carry the same code: open the page again."),
    "two_steps_on_one_day": lazy_gettext("Two steps fall on the same day."),
    "day_out_of_bounds": lazy_gettext(
        "A step falls between 60 days before the due date and a year after."
    ),
    "days_against_levels": lazy_gettext("Each step comes after the milder ones."),
    "call_without_script": lazy_gettext("Write what to say in each call."),
}


def step_title(step: Step) -> str:
    """What a step is called: by its place where it has a usual one, else by its channel."""
    return str(STEP_WORDS.get(step.code) or CHANNEL_WORDS[step.channel])


def scenario_refusal(refusal: ScenarioRefused) -> str:
    return str(_SCENARIO_REFUSALS[refusal.code])


def choice_refusal(refusal: ChoiceRefused) -> str:
    if refusal.code == "reason_missing":
        return str(gettext("Say why nothing is to be sent automatically."))
    return str(gettext("Choose one of your scenarios."))


def wording_refusal(refusal: WordingRefused) -> str:
    match refusal.code:
        case "unknown_variable":
            return str(
                gettext(
                    "{%(name)s} is not a variable here: correct or remove it.", name=refusal.name
                )
            )
        case "needed":
            return str(gettext("{%(name)s} is missing: a reminder says it.", name=refusal.name))
        case "stray_brace":
            return str(gettext("A brace stands alone: write variables as {number}."))
        case "too_long":
            return str(
                gettext("This is too long: 200 characters for the subject, 8,000 for the text.")
            )
        case _:
            return str(gettext("Write a subject and a text."))
