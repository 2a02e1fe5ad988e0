"""The published post contract says what the code does."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from partners.post.adapter import PostRefused, PostUnanswered, PostUnreached
from partners.post.events import STATUSES, fetch_proof, read_feed
from partners.post.letters import LetterPost
from partners.post.office import PostConnection, PostOffice
from partners.post.sms import SmsPost
from partners.sandbox.app import create_sandbox
from partners.sandbox.lenders import lender_secret
from partners.sandbox.post_office import PHONE_ENDINGS, Course
from partners.sandbox.server import RunningSandbox, serve
from partners.sandbox.settings import SandboxSettings
from partners.sandbox.stage import POST
from partners.vocabulary.post import Attachment, Channel, Letter, PostalAddress, TextMessage
from tests.partners.post.mailbox import a_free_port

DOCS = Path(__file__).parents[3] / "docs"
WHERE = PostalAddress(("1 quai Exemple",), "75001", "PARIS")
KEY = "6f1c0000-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def sandbox():
    with serve(SandboxSettings(pace_seconds=60)) as running:
        yield running


def the_office(sandbox: RunningSandbox, secret: str = "") -> PostOffice:
    secrets = (secret or lender_secret(POST),)
    connection = PostConnection(f"{sandbox.url}/post", secrets, "http://127.0.0.1:9/", 1.0, 2.0)
    return PostOffice(connection, at=lambda: datetime.now(UTC))


def a_letter(key: str = KEY, content: bytes = b"%PDF-1.7 x", **given) -> Letter:
    files = (Attachment("lettre.pdf", "application/pdf", content),)
    return Letter(
        **{
            "key": key,
            "channel": Channel.REGISTERED_LETTER,
            "to_name": "Débiteur Exemple SAS",
            "from_name": "Menuiserie Exemple SARL",
            "files": files,
            "to": WHERE,
            "sender": WHERE,
            **given,
        }
    )


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_every_status_that_we_map_is_on_the_page_and_in_the_schema():
    enum = re.search(r"enum: \[(accepted[^\]]*)\]", page("post-api.yaml")).group(1)

    assert set(enum.split(", ")) == set(STATUSES)
    for status in STATUSES:
        assert f"| `{status}` |" in page("post-api.md")


def test_every_address_that_the_sandbox_answers_is_in_the_schema(sandbox):
    app = create_sandbox(stage=sandbox.stage)
    played = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix("/post"))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/post/")
    }

    schema = page("post-api.yaml")
    for path in played:
        assert f"  {path.replace('{name}', '{proof}')}:" in schema


def test_every_course_of_the_sandbox_is_on_the_page():
    told = page("post-api.md")
    for course in set(Course) - {Course.USUAL, Course.FAILED}:
        assert f"`sandbox:{course.value}`" in told
    for ending in PHONE_ENDINGS:
        assert f"`{ending}`" in told


def test_a_letter_is_taken_once_under_its_key_and_another_content_is_refused(sandbox):
    with the_office(sandbox) as office:
        first = LetterPost(office).send(a_letter())
        again = LetterPost(office).send(a_letter())
        with pytest.raises(PostRefused, match="409"):
            LetterPost(office).send(a_letter(content=b"%PDF-1.7 other"))

    assert first == again


@pytest.mark.parametrize(
    ("letter", "why"),
    [
        (a_letter(files=()), "needs a PDF"),
        (a_letter(content=b"GIF89a"), "only PDF"),
        (a_letter(content=b"%PDF-" + b"x" * 10_000_000), "at most"),
    ],
)
def test_what_cannot_be_printed_is_refused_before_it_leaves(sandbox, letter, why):
    with the_office(sandbox) as office, pytest.raises(PostRefused, match=why):
        LetterPost(office).send(letter)


def test_failures_are_told_apart(sandbox):
    text = TextMessage(KEY.replace("1", "2"), "+33600000003", "Menuiserie", "Bonjour")
    with the_office(sandbox) as office:
        with pytest.raises(PostUnanswered, match="503"):
            SmsPost(office).send(text)
        assert SmsPost(office).send(text).startswith("SM-")
        with pytest.raises(PostRefused, match="404"):
            fetch_proof(office, "RA-unknown", "deposited")
    with the_office(sandbox, secret="another") as stranger, pytest.raises(PostRefused, match="401"):
        read_feed(stranger, 0)
    dead = PostConnection(f"http://127.0.0.1:{a_free_port()}", ("x",))
    with PostOffice(dead, at=lambda: datetime.now(UTC)) as office, pytest.raises(PostUnreached):
        SmsPost(office).send(text)


def test_an_unknown_word_is_kept_waiting():
    assert LetterPost.status_of("received").value == "received"
    assert LetterPost.status_of("sorted_in_transit").value == "unknown"
