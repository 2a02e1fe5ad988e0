"""The table of payment plans, drawn into docs/state-tables.md."""

import enum


class PlanState(enum.StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    RUNNING = "running"
    KEPT = "kept"
    BROKEN = "broken"
    CANCELLED = "cancelled"


class PlanAction(enum.StrEnum):
    ACCEPT = "accept"
    START = "start"
    KEEP = "keep"
    BREAK = "break"
    CANCEL = "cancel"


PLAN_TRANSITIONS: dict[PlanState, dict[PlanAction, PlanState]] = {
    PlanState.PROPOSED: {
        PlanAction.ACCEPT: PlanState.ACCEPTED,
        PlanAction.CANCEL: PlanState.CANCELLED,
    },
    PlanState.ACCEPTED: {
        PlanAction.START: PlanState.RUNNING,
        PlanAction.CANCEL: PlanState.CANCELLED,
    },
    PlanState.RUNNING: {
        PlanAction.KEEP: PlanState.KEPT,
        PlanAction.BREAK: PlanState.BROKEN,
        PlanAction.CANCEL: PlanState.CANCELLED,
    },
    PlanState.KEPT: {},
    PlanState.BROKEN: {},
    PlanState.CANCELLED: {},
}

LIVE_PLANS = (PlanState.PROPOSED, PlanState.ACCEPTED, PlanState.RUNNING)
AGREED_PLANS = (PlanState.ACCEPTED, PlanState.RUNNING)
"""Those that both sides agreed to: what they cover is not asked otherwise while they are respected."""
