"""The tables of requests, submissions and offers: the specification, drawn into docs/state-tables.md."""

import enum


class RequestState(enum.StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    ROUTED = "routed"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    DISBURSED = "disbursed"
    RECOURSED = "recoursed"
    SETTLED = "settled"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class RequestAction(enum.StrEnum):
    SUBMIT = "submit"
    ROUTE = "route"
    RECEIVE_OFFER = "receive_offer"
    LOSE_OFFERS = "lose_offers"
    ACCEPT = "accept"
    ASSIGN = "assign"
    DISBURSE = "disburse"
    CALL_RECOURSE = "call_recourse"
    SETTLE = "settle"
    DECLINE = "decline"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


REQUEST_TRANSITIONS: dict[RequestState, dict[RequestAction, RequestState]] = {
    RequestState.DRAFT: {
        RequestAction.SUBMIT: RequestState.SUBMITTED,
        RequestAction.WITHDRAW: RequestState.WITHDRAWN,
    },
    RequestState.SUBMITTED: {
        RequestAction.ROUTE: RequestState.ROUTED,
        RequestAction.DECLINE: RequestState.DECLINED,
        RequestAction.WITHDRAW: RequestState.WITHDRAWN,
    },
    RequestState.ROUTED: {
        RequestAction.RECEIVE_OFFER: RequestState.OFFERED,
        RequestAction.DECLINE: RequestState.DECLINED,
        RequestAction.EXPIRE: RequestState.EXPIRED,
        RequestAction.WITHDRAW: RequestState.WITHDRAWN,
    },
    RequestState.OFFERED: {
        RequestAction.RECEIVE_OFFER: RequestState.OFFERED,
        RequestAction.LOSE_OFFERS: RequestState.ROUTED,
        RequestAction.ACCEPT: RequestState.ACCEPTED,
        RequestAction.EXPIRE: RequestState.EXPIRED,
        RequestAction.WITHDRAW: RequestState.WITHDRAWN,
    },
    RequestState.ACCEPTED: {
        RequestAction.ASSIGN: RequestState.ASSIGNED,
        RequestAction.WITHDRAW: RequestState.WITHDRAWN,
    },
    RequestState.ASSIGNED: {RequestAction.DISBURSE: RequestState.DISBURSED},
    RequestState.DISBURSED: {
        RequestAction.SETTLE: RequestState.SETTLED,
        RequestAction.CALL_RECOURSE: RequestState.RECOURSED,
    },
    RequestState.RECOURSED: {RequestAction.SETTLE: RequestState.SETTLED},
    RequestState.SETTLED: {},
    RequestState.DECLINED: {},
    RequestState.EXPIRED: {},
    RequestState.WITHDRAWN: {},
}


class SubmissionState(enum.StrEnum):
    PREPARED = "prepared"
    SENT = "sent"
    UNANSWERED = "unanswered"
    RECEIVED = "received"
    INFO_REQUESTED = "info_requested"
    OFFERED = "offered"
    DECLINED = "declined"
    POLICY_BLOCKED = "policy_blocked"
    DELIVERY_FAILED = "delivery_failed"
    DUPLICATE = "duplicate"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class SubmissionAction(enum.StrEnum):
    SEND = "send"
    HEAR_NOTHING = "hear_nothing"
    ACKNOWLEDGE = "acknowledge"
    ASK_FOR_INFORMATION = "ask_for_information"
    OFFER = "offer"
    DECLINE = "decline"
    BLOCK = "block"
    FAIL = "fail"
    CALL_DUPLICATE = "call_duplicate"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


_ANSWERS: dict[SubmissionAction, SubmissionState] = {
    SubmissionAction.HEAR_NOTHING: SubmissionState.UNANSWERED,
    SubmissionAction.ACKNOWLEDGE: SubmissionState.RECEIVED,
    SubmissionAction.ASK_FOR_INFORMATION: SubmissionState.INFO_REQUESTED,
    SubmissionAction.OFFER: SubmissionState.OFFERED,
    SubmissionAction.DECLINE: SubmissionState.DECLINED,
    SubmissionAction.FAIL: SubmissionState.DELIVERY_FAILED,
    SubmissionAction.CALL_DUPLICATE: SubmissionState.DUPLICATE,
    SubmissionAction.EXPIRE: SubmissionState.EXPIRED,
    SubmissionAction.WITHDRAW: SubmissionState.WITHDRAWN,
}

SUBMISSION_TRANSITIONS: dict[SubmissionState, dict[SubmissionAction, SubmissionState]] = {
    SubmissionState.PREPARED: {
        SubmissionAction.SEND: SubmissionState.SENT,
        SubmissionAction.BLOCK: SubmissionState.POLICY_BLOCKED,
        SubmissionAction.FAIL: SubmissionState.DELIVERY_FAILED,
        SubmissionAction.WITHDRAW: SubmissionState.WITHDRAWN,
    },
    SubmissionState.SENT: _ANSWERS,
    SubmissionState.UNANSWERED: _ANSWERS,
    SubmissionState.RECEIVED: _ANSWERS,
    SubmissionState.INFO_REQUESTED: _ANSWERS,
    SubmissionState.OFFERED: {
        SubmissionAction.OFFER: SubmissionState.OFFERED,
        SubmissionAction.DECLINE: SubmissionState.DECLINED,
        SubmissionAction.EXPIRE: SubmissionState.EXPIRED,
        SubmissionAction.WITHDRAW: SubmissionState.WITHDRAWN,
    },
    SubmissionState.DECLINED: {},
    SubmissionState.POLICY_BLOCKED: {},
    SubmissionState.DELIVERY_FAILED: {
        SubmissionAction.SEND: SubmissionState.SENT,
        SubmissionAction.WITHDRAW: SubmissionState.WITHDRAWN,
    },
    SubmissionState.DUPLICATE: {},
    SubmissionState.EXPIRED: {},
    SubmissionState.WITHDRAWN: {},
}


OUT_OF_THE_RACE = frozenset(
    {
        SubmissionState.DECLINED,
        SubmissionState.DUPLICATE,
        SubmissionState.EXPIRED,
        SubmissionState.WITHDRAWN,
    }
)
"""Submissions whose lender keeps the summary of the dossier as sent, and sees nothing else of it."""


class OfferState(enum.StrEnum):
    SEALED = "sealed"
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class OfferAction(enum.StrEnum):
    UNSEAL = "unseal"
    ACCEPT = "accept"
    DECLINE = "decline"
    EXPIRE = "expire"
    SUPERSEDE = "supersede"
    WITHDRAW = "withdraw"


OFFER_TRANSITIONS: dict[OfferState, dict[OfferAction, OfferState]] = {
    OfferState.SEALED: {
        OfferAction.UNSEAL: OfferState.OPEN,
        OfferAction.SUPERSEDE: OfferState.SUPERSEDED,
        OfferAction.WITHDRAW: OfferState.WITHDRAWN,
    },
    OfferState.OPEN: {
        OfferAction.ACCEPT: OfferState.ACCEPTED,
        OfferAction.DECLINE: OfferState.DECLINED,
        OfferAction.EXPIRE: OfferState.EXPIRED,
        OfferAction.SUPERSEDE: OfferState.SUPERSEDED,
        OfferAction.WITHDRAW: OfferState.WITHDRAWN,
    },
    OfferState.ACCEPTED: {OfferAction.WITHDRAW: OfferState.WITHDRAWN},
    OfferState.DECLINED: {},
    OfferState.EXPIRED: {},
    OfferState.SUPERSEDED: {},
    OfferState.WITHDRAWN: {},
}
