"""The state machines, drawn as tables and diagrams."""

from collections.abc import Mapping
from enum import Enum

from portal.assignments.states import DEED_TRANSITIONS
from portal.brokers.states import MANDATE_TRANSITIONS
from portal.collections.answers.states import PLAN_TRANSITIONS
from portal.collections.debtor_page.states import CHECKOUT_TRANSITIONS
from portal.collections.legal.states import HANDOVER_TRANSITIONS, ORDER_TRANSITIONS
from portal.funding.states import OFFER_TRANSITIONS, REQUEST_TRANSITIONS, SUBMISSION_TRANSITIONS

Table = Mapping[Enum, Mapping[Enum, Enum]]

MACHINES: dict[str, Table] = {
    "Funding request": REQUEST_TRANSITIONS,  # type: ignore[dict-item]
    "Submission": SUBMISSION_TRANSITIONS,  # type: ignore[dict-item]
    "Offer": OFFER_TRANSITIONS,  # type: ignore[dict-item]
    "Deed": DEED_TRANSITIONS,  # type: ignore[dict-item]
    "Mandate": MANDATE_TRANSITIONS,  # type: ignore[dict-item]
    "Payment by card": CHECKOUT_TRANSITIONS,  # type: ignore[dict-item]
    "Order for payment": ORDER_TRANSITIONS,  # type: ignore[dict-item]
    "Claim with an agency": HANDOVER_TRANSITIONS,  # type: ignore[dict-item]
    "Payment plan": PLAN_TRANSITIONS,  # type: ignore[dict-item]
}


def state_tables_page() -> str:
    """One section per machine: a diagram, then the table it is drawn from."""
    head = ["# State tables", "", "Drawn from the code by `make docs`.", ""]
    sections = [section(title, table) for title, table in MACHINES.items()]
    return "\n".join([*head, *sections])


def section(title: str, table: Table) -> str:
    """A machine as a Mermaid diagram and as a table; states without a way out are final."""
    diagram = [
        f"    {state.value} --> {after.value}: {action.value}"
        for state, moves in table.items()
        for action, after in moves.items()
    ]
    rows = [
        f"| {state.value} | "
        + (
            ", ".join(f"{action.value} → {after.value}" for action, after in moves.items())
            or "final"
        )
        + " |"
        for state, moves in table.items()
    ]
    return "\n".join(
        [
            f"## {title}",
            "",
            "```mermaid",
            "stateDiagram-v2",
            *diagram,
            "```",
            "",
            "| state | what may happen |",
            "|---|---|",
            *rows,
            "",
        ]
    )
