"""The life of a deed."""

import enum


class DeedState(enum.StrEnum):
    PREPARING = "preparing"
    DRAFTED = "drafted"
    SIGNED = "signed"
    DELIVERED = "delivered"
    NOTIFIED = "notified"
    ACKNOWLEDGED = "acknowledged"
    SETTLED = "settled"
    RELEASED = "released"


class DeedAction(enum.StrEnum):
    DRAFT = "draft"
    SIGN = "sign"
    DATE = "date"
    NOTIFY = "notify"
    ACKNOWLEDGE = "acknowledge"
    SETTLE = "settle"
    RELEASE = "release"


DEED_TRANSITIONS: dict[DeedState, dict[DeedAction, DeedState]] = {
    DeedState.PREPARING: {
        DeedAction.DRAFT: DeedState.DRAFTED,
        DeedAction.RELEASE: DeedState.RELEASED,
    },
    DeedState.DRAFTED: {
        DeedAction.SIGN: DeedState.SIGNED,
        DeedAction.RELEASE: DeedState.RELEASED,
    },
    DeedState.SIGNED: {
        DeedAction.DATE: DeedState.DELIVERED,
        DeedAction.RELEASE: DeedState.RELEASED,
    },
    DeedState.DELIVERED: {
        DeedAction.NOTIFY: DeedState.NOTIFIED,
        DeedAction.SETTLE: DeedState.SETTLED,
        DeedAction.RELEASE: DeedState.RELEASED,
    },
    DeedState.NOTIFIED: {
        DeedAction.ACKNOWLEDGE: DeedState.ACKNOWLEDGED,
        DeedAction.SETTLE: DeedState.SETTLED,
        DeedAction.RELEASE: DeedState.RELEASED,
    },
    DeedState.ACKNOWLEDGED: {
        DeedAction.SETTLE: DeedState.SETTLED,
        DeedAction.RELEASE: DeedState.RELEASED,
    },
    DeedState.SETTLED: {},
    DeedState.RELEASED: {},
}
