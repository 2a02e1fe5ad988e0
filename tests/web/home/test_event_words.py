"""Everything the audit trail can say has its words."""

import ast
from collections.abc import Iterator
from pathlib import Path

import portal
from portal.collections.debtor_page.models import WordKind, WordState
from portal.collections.legal.states import HandoverAction, OrderAction
from portal.receivables.completing import COMPLETED, KEPT, TAKEN
from portal.web.event_words import EVENT_WORDS

PORTAL = Path(portal.__file__).parent
COMPOSED = {
    "{}_plan": ("keep", "break", "cancel"),
    "import_row_{}": {KEPT, TAKEN, COMPLETED},
    "{}_payment_order": set(OrderAction),
    "debtor_said_{}": set(WordKind),
    "debtor_word_{}": set(WordState) - {WordState.WAITING},
    "{}_handover": set(HandoverAction),
}
"""An action written around one of a few words."""


def actions_recorded() -> set[str]:
    """Every action a call to the trail, or to a function that passes its own ``action`` on, may write."""
    found: set[str] = set()
    for path in PORTAL.rglob("*.py"):
        found |= _actions_of(ast.parse(path.read_text("utf-8")))
    return found


def _actions_of(module: ast.Module) -> set[str]:
    defined = [one for one in ast.walk(module) if isinstance(one, ast.FunctionDef)]
    places = {"record": 2} | {one.name: place for one in defined for place in _place_of_action(one)}
    imports_trail = any(
        isinstance(one, ast.ImportFrom) and (one.module or "").startswith("portal.audit")
        for one in ast.walk(module)
    )
    if not imports_trail:
        return set()
    return {
        action
        for function in defined
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and _name_of(call) in places
        for action in _said(call, places[_name_of(call)], function)
    }


def _place_of_action(function: ast.FunctionDef) -> Iterator[int]:
    names = [one.arg for one in function.args.args if one.arg != "self"]
    for one in function.args.args:
        is_text = isinstance(one.annotation, ast.Name) and one.annotation.id == "str"
        if one.arg == "action" and is_text:
            yield names.index("action")


def _name_of(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _said(call: ast.Call, place: int, function: ast.FunctionDef) -> set[str]:
    if len(call.args) <= place:
        return set()
    given: ast.AST = call.args[place]
    if isinstance(given, ast.JoinedStr):
        frame = "".join(
            str(one.value) if isinstance(one, ast.Constant) else "{}" for one in given.values
        )
        return {frame.format(word) for word in COMPOSED[frame]}
    if isinstance(given, ast.Name):
        given = ast.Module([one for one in ast.walk(function) if _assigns(one, given.id)], [])
    return {
        one.value
        for one in ast.walk(given)
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    }


def _assigns(statement: ast.AST, name: str) -> bool:
    return isinstance(statement, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id == name for target in statement.targets
    )


def test_every_action_of_the_trail_has_words():
    assert sorted(actions_recorded() - set(EVENT_WORDS)) == []


def test_no_words_are_kept_for_an_action_nobody_records():
    assert sorted(set(EVENT_WORDS) - actions_recorded()) == []


def test_the_walk_finds_actions_however_they_are_given():
    found = actions_recorded()

    assert {"record_payment", "due_date_entered", "mandate_accepted", "import_row_kept"} <= found
