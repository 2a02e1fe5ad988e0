"""The life of a mandate."""

import enum

from portal.brokers.models import MandateState


class MandateAction(enum.StrEnum):
    ACCEPT = "accept"
    DECLINE = "decline"
    REVOKE = "revoke"
    EXPIRE = "expire"


MANDATE_TRANSITIONS: dict[MandateState, dict[MandateAction, MandateState]] = {
    MandateState.ASKED: {
        MandateAction.ACCEPT: MandateState.LIVE,
        MandateAction.DECLINE: MandateState.DECLINED,
        MandateAction.REVOKE: MandateState.REVOKED,
        MandateAction.EXPIRE: MandateState.EXPIRED,
    },
    MandateState.LIVE: {
        MandateAction.REVOKE: MandateState.REVOKED,
        MandateAction.EXPIRE: MandateState.EXPIRED,
    },
    MandateState.DECLINED: {},
    MandateState.REVOKED: {},
    MandateState.EXPIRED: {},
}
