"""What an adapter of the post owes us, and the three ways in which handing over can fail.

A post office repeats nothing sent twice under one key, so that a doubt is resolved by sending again:
`PostUnanswered` is not a danger there, as it is with a mail server.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Generic, TypeVar

from partners.vocabulary.post import PostStatus

Sent = TypeVar("Sent")


class PostUnreached(Exception):
    """The message certainly did not leave, and may later: try again."""


class PostRefused(Exception):
    """The post said no for good: trying again changes nothing."""


class RecipientRefused(PostRefused):
    """The address itself is refused, for good: write there no more."""


class PostUnanswered(Exception):
    """The message was handed over and the answer never came: it may have left."""


class PostAdapter(ABC, Generic[Sent]):
    """One kind of sending at one post office."""

    statuses: ClassVar[Mapping[str, PostStatus]]
    """Every word this post office says of such a sending, in ours."""

    @abstractmethod
    def send(self, sending: Sent) -> str:
        """Hand it over under its key, once however often it is called; the post office's reference.

        Raises:
            PostUnreached, PostUnanswered: send again later under the same key.
            PostRefused: a person must look.
        """

    @classmethod
    def status_of(cls, raw_status: str) -> PostStatus:
        """The status in our words; an unknown word waits, and decides nothing."""
        return cls.statuses.get(raw_status, PostStatus.UNKNOWN)
