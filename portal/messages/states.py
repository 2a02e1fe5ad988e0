"""The life of a message."""

import enum

from portal.messages.models import MessageState


class MessageAction(enum.StrEnum):
    CLAIM = "claim"
    CONFIRM = "confirm"
    POSTPONE = "postpone"
    KEEP = "keep"
    FAIL = "fail"
    SEND_AGAIN = "send_again"


MESSAGE_TRANSITIONS: dict[MessageState, dict[MessageAction, MessageState]] = {
    MessageState.QUEUED: {
        MessageAction.CLAIM: MessageState.SENDING,
        MessageAction.POSTPONE: MessageState.QUEUED,
        MessageAction.KEEP: MessageState.KEPT,
        MessageAction.FAIL: MessageState.FAILED,
    },
    MessageState.SENDING: {
        MessageAction.CONFIRM: MessageState.SENT,
        MessageAction.POSTPONE: MessageState.QUEUED,
        MessageAction.FAIL: MessageState.FAILED,
    },
    MessageState.FAILED: {MessageAction.SEND_AGAIN: MessageState.QUEUED},
    MessageState.SENT: {},
    MessageState.KEPT: {},
}
