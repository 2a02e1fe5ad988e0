"""What each role may do in each kind of organisation: one table, denied unless written here."""

import enum

from portal.identity.models import OrganisationKind, Role


class Action(enum.StrEnum):
    """Everything that needs leave."""

    SEE_RECEIVABLES = "see_receivables"
    IMPORT_RECEIVABLES = "import_receivables"
    REQUEST_FUNDING = "request_funding"
    ACCEPT_OFFER = "accept_offer"
    SIGN_DEED = "sign_deed"
    RECORD_PAYMENT = "record_payment"
    MANAGE_COLLECTION = "manage_collection"
    MANAGE_LEGAL = "manage_legal"
    APPROVE_WRITE_OFF = "approve_write_off"
    APPROVE_REMINDERS = "approve_reminders"
    ANSWER_MANDATE = "answer_mandate"
    SEE_DEALS = "see_deals"
    MAKE_OFFER = "make_offer"
    CONFIRM_FUNDS = "confirm_funds"
    MANAGE_RATE_CARDS = "manage_rate_cards"
    SEE_CLIENTS = "see_clients"
    ASK_MANDATE = "ask_mandate"
    SEE_MESSAGES = "see_messages"
    SEE_MEMBERS = "see_members"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_SETTINGS = "manage_settings"
    MANAGE_CARD_PAYMENTS = "manage_card_payments"
    SEE_AUDIT = "see_audit"
    OPERATE = "operate"


_ASSIGNOR_READS = {
    Action.SEE_RECEIVABLES,
    Action.SEE_MESSAGES,
    Action.SEE_MEMBERS,
}
_ASSIGNOR_MANAGES = _ASSIGNOR_READS | {
    Action.IMPORT_RECEIVABLES,
    Action.REQUEST_FUNDING,
    Action.RECORD_PAYMENT,
    Action.MANAGE_COLLECTION,
    Action.MANAGE_LEGAL,
    Action.APPROVE_WRITE_OFF,
}
_ASSIGNOR_OWNS = _ASSIGNOR_MANAGES | {
    Action.ACCEPT_OFFER,
    Action.SIGN_DEED,
    Action.APPROVE_REMINDERS,
    Action.ANSWER_MANDATE,
    Action.MANAGE_MEMBERS,
    Action.MANAGE_SETTINGS,
    Action.MANAGE_CARD_PAYMENTS,
    Action.SEE_AUDIT,
}
_LENDER_READS = {Action.SEE_DEALS, Action.SEE_MESSAGES, Action.SEE_MEMBERS}
_CREDIT_OFFICER = _LENDER_READS | {Action.MAKE_OFFER}
_LENDER_MANAGES = _CREDIT_OFFICER | {Action.CONFIRM_FUNDS}
_LENDER_OWNS = _LENDER_MANAGES | {
    Action.MANAGE_RATE_CARDS,
    Action.MANAGE_MEMBERS,
    Action.MANAGE_SETTINGS,
    Action.SEE_AUDIT,
}
_BROKER_READS = {Action.SEE_CLIENTS, Action.SEE_MESSAGES, Action.SEE_MEMBERS}
_BROKER_MANAGES = _BROKER_READS | {Action.ASK_MANDATE}
_BROKER_OWNS = _BROKER_MANAGES | {
    Action.MANAGE_MEMBERS,
    Action.MANAGE_SETTINGS,
    Action.SEE_AUDIT,
}
_OPERATES = {Action.OPERATE, Action.SEE_MESSAGES, Action.SEE_MEMBERS, Action.SEE_AUDIT}

PERMISSIONS: dict[tuple[OrganisationKind, Role], frozenset[Action]] = {
    (OrganisationKind.ASSIGNOR, Role.OWNER): frozenset(_ASSIGNOR_OWNS),
    (OrganisationKind.ASSIGNOR, Role.MANAGER): frozenset(_ASSIGNOR_MANAGES),
    (OrganisationKind.ASSIGNOR, Role.READER): frozenset(_ASSIGNOR_READS),
    (OrganisationKind.LENDER, Role.OWNER): frozenset(_LENDER_OWNS),
    (OrganisationKind.LENDER, Role.MANAGER): frozenset(_LENDER_MANAGES),
    (OrganisationKind.LENDER, Role.CREDIT_OFFICER): frozenset(_CREDIT_OFFICER),
    (OrganisationKind.LENDER, Role.READER): frozenset(_LENDER_READS),
    (OrganisationKind.BROKER, Role.OWNER): frozenset(_BROKER_OWNS),
    (OrganisationKind.BROKER, Role.MANAGER): frozenset(_BROKER_MANAGES),
    (OrganisationKind.BROKER, Role.READER): frozenset(_BROKER_READS),
    (OrganisationKind.OPERATOR, Role.OWNER): frozenset(_OPERATES | {Action.MANAGE_MEMBERS}),
    (OrganisationKind.OPERATOR, Role.MANAGER): frozenset(_OPERATES),
    (OrganisationKind.OPERATOR, Role.READER): frozenset({Action.SEE_MESSAGES, Action.SEE_AUDIT}),
}

UNDER_MANDATE: frozenset[Action] = frozenset(
    {Action.SEE_RECEIVABLES, Action.IMPORT_RECEIVABLES, Action.REQUEST_FUNDING}
)
"""What a broker's mandate opens on its client: never accepting, signing or collecting."""


def actions_of(
    kind: OrganisationKind, role: Role, *, for_client: bool = False
) -> frozenset[Action]:
    """Everything a role may do; a broker acting for a client adds what the mandate opens."""
    own = PERMISSIONS.get((kind, role), frozenset())
    if not (for_client and kind is OrganisationKind.BROKER):
        return own
    opened = UNDER_MANDATE if Action.ASK_MANDATE in own else frozenset({Action.SEE_RECEIVABLES})
    return own | opened
