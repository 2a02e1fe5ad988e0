"""Text messages at a post office that speaks our contract."""

from types import MappingProxyType

from partners.exchange.reading import UnreadableMessage, read_text
from partners.post.adapter import PostAdapter, PostUnanswered
from partners.post.office import PostOffice
from partners.vocabulary.post import PostStatus, TextMessage


class SmsPost(PostAdapter[TextMessage]):
    """`POST /sms`."""

    statuses = MappingProxyType(
        {
            "accepted": PostStatus.HANDED_OVER,
            "delivered": PostStatus.DELIVERED,
            "failed": PostStatus.FAILED,
        }
    )

    def __init__(self, office: PostOffice) -> None:
        self._office = office

    def send(self, sending: TextMessage) -> str:
        """Hand the text over. Raises as `PostAdapter.send`."""
        body = {
            "sms": sending.key,
            "callback_url": self._office.callback_url,
            "to": sending.to_phone,
            "from": sending.from_name,
            "text": sending.text,
        }
        answer = self._office.post("/sms", body, key=sending.key)
        try:
            return read_text(answer, "reference")
        except UnreadableMessage as error:
            raise PostUnanswered("the post office gave no reference") from error
