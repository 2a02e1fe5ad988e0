"""Letters at a post office that speaks our contract: simple, registered (LRAR), electronic registered."""

import base64
from types import MappingProxyType
from typing import Any

from partners.exchange.reading import UnreadableMessage, read_text
from partners.post.adapter import PostAdapter, PostRefused, PostUnanswered
from partners.post.office import PostOffice
from partners.vocabulary.post import Attachment, Letter, PostStatus

PDF = "application/pdf"
FILES_MAX = 10
FILES_BYTES_MAX = 10_000_000


class LetterPost(PostAdapter[Letter]):
    """`POST /letters`."""

    statuses = MappingProxyType(
        {
            "accepted": PostStatus.HANDED_OVER,
            "deposited": PostStatus.DEPOSITED,
            "presented": PostStatus.PRESENTED,
            "received": PostStatus.RECEIVED,
            "refused": PostStatus.REFUSED,
            "unclaimed": PostStatus.UNCLAIMED,
            "returned": PostStatus.RETURNED,
        }
    )

    def __init__(self, office: PostOffice) -> None:
        self._office = office

    def send(self, sending: Letter) -> str:
        """Hand the letter over. Raises as `PostAdapter.send`."""
        refuse_unfit(sending.files)
        answer = self._office.post("/letters", self._body(sending), key=sending.key)
        try:
            return read_text(answer, "reference")
        except UnreadableMessage as error:
            raise PostUnanswered("the post office gave no reference") from error

    def _body(self, letter: Letter) -> dict[str, Any]:
        return {
            "letter": letter.key,
            "service": letter.channel.value,
            "callback_url": self._office.callback_url,
            "to": {
                "name": letter.to_name,
                "address": letter.to.as_json() if letter.to else None,
                "email": letter.to_email,
            },
            "from": {
                "name": letter.from_name,
                "address": letter.sender.as_json() if letter.sender else None,
            },
            "files": [
                {"name": one.filename, "content_base64": base64.b64encode(one.content).decode()}
                for one in letter.files
            ],
        }


def refuse_unfit(files: tuple[Attachment, ...]) -> None:
    """A letter is PDF files, few and not too heavy.

    Raises:
        PostRefused: it cannot be printed; the message says why.
    """
    if not files:
        raise PostRefused("a letter needs a PDF to print")
    if any(one.media_type != PDF or not one.content.startswith(b"%PDF-") for one in files):
        raise PostRefused("only PDF files can be printed")
    if len(files) > FILES_MAX or sum(len(one.content) for one in files) > FILES_BYTES_MAX:
        raise PostRefused(
            f"a letter holds at most {FILES_MAX} files and {FILES_BYTES_MAX} bytes in all"
        )
