"""The words for how a message travels and what became of it."""

from collections.abc import Mapping

from flask_babel import lazy_gettext

from partners.vocabulary.post import Channel, PostStatus
from portal.messages.models import Message, RejectionReason

MESSAGE_CHANNELS: Mapping[Channel, str] = {
    Channel.EMAIL: lazy_gettext("E-mail"),
    Channel.SMS: lazy_gettext("Text message"),
    Channel.LETTER: lazy_gettext("Letter"),
    Channel.REGISTERED_LETTER: lazy_gettext("Registered letter"),
    Channel.REGISTERED_EMAIL: lazy_gettext("Electronic registered letter"),
}
POST_WORDS: Mapping[PostStatus, tuple[str, str]] = {
    PostStatus.HANDED_OVER: (lazy_gettext("Handed over"), "info"),
    PostStatus.DEPOSITED: (lazy_gettext("Deposited"), "info"),
    PostStatus.PRESENTED: (lazy_gettext("Presented"), "info"),
    PostStatus.RECEIVED: (lazy_gettext("Received against signature"), "success"),
    PostStatus.REFUSED: (lazy_gettext("Refused by the addressee"), "warning"),
    PostStatus.UNCLAIMED: (lazy_gettext("Not claimed"), "warning"),
    PostStatus.RETURNED: (lazy_gettext("Returned to sender"), "warning"),
    PostStatus.DELIVERED: (lazy_gettext("Delivered"), "success"),
    PostStatus.FAILED: (lazy_gettext("Not delivered"), "danger"),
    PostStatus.DELAYED: (lazy_gettext("Delayed, the server tries again"), "neutral"),
    PostStatus.BOUNCED: (lazy_gettext("Undelivered, sent back"), "danger"),
    PostStatus.COMPLAINED: (lazy_gettext("Reported as unwanted"), "danger"),
    PostStatus.UNKNOWN: (lazy_gettext("A word we do not know: nothing is concluded"), "neutral"),
}
REJECTION_WORDS: Mapping[RejectionReason, str] = {
    RejectionReason.BOUNCED: lazy_gettext("The mail server says that this address does not exist."),
    RejectionReason.COMPLAINED: lazy_gettext("Its owner reported a message as unwanted."),
    RejectionReason.BY_HAND: lazy_gettext("One of your members marked it as wrong."),
}


def masked_address(message: Message) -> str:
    """Where a message went, for someone who looks after the product and must not know to whom."""
    if message.channel is Channel.SMS:
        return f"…{message.to_address[-2:]}"
    if message.to_postal:
        return f"…, {message.to_postal['city']}"
    return f"…@{message.to_address.rpartition('@')[2]}"
