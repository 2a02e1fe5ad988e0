"""The steps of a scenario as typed on its page: read back whole, rearranged without being stored."""

import re
import unicodedata
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import uuid4

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from portal.collections.dunning.scenarios import DAYS, STEPS_MAX
from portal.collections.dunning.steps import PROMISE_GRACE_DAYS, Anchor, Step, Tone
from portal.collections.models import Channel
from portal.web.typed import typed_cents

Form = MultiDict[str, str]
GAP_DAYS_MAX = 60
CAP_MAX = 14
PROMISE_GRACE_MAX = 30
TEXT_CHARS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class TypedScenario:
    """What the form holds, sound or not; ``errors`` are by field."""

    title: str
    weekly_cap: int
    steps: tuple[Step, ...]
    errors: Mapping[str, str] = field(default_factory=dict)
    promise_grace_days: int = PROMISE_GRACE_DAYS

    @classmethod
    def read(cls, form: Form) -> "TypedScenario":
        errors: dict[str, str] = {}
        cap = _whole(form.get("weekly_cap", ""), range(1, CAP_MAX + 1))
        if cap is None:
            errors["weekly_cap"] = gettext("Write a number from 1 to 14.")
        grace = _whole(form.get("promise_grace_days", ""), range(PROMISE_GRACE_MAX + 1))
        if grace is None:
            errors["promise_grace_days"] = gettext("Write a number of days, such as 2.")
        title = form.get("title", "").strip()[:80]
        if not title:
            errors["title"] = gettext("Give the scenario a name.")
        codes = list(dict.fromkeys(form.getlist("code")))[: STEPS_MAX + 1]
        steps = tuple(_step(form, code, errors) for code in codes)
        return cls(title, cap or 1, steps, errors, grace or 0)

    def rearranged(self, form: Form) -> "TypedScenario":
        """With one step added, removed or moved, as the button says."""
        steps = list(self.steps)
        codes = [step.code for step in steps]
        if "add" in form and len(steps) < STEPS_MAX:
            steps.append(blank_step(steps))
        if (gone := form.get("remove")) in codes:
            steps.pop(codes.index(str(gone)))
        if (up := form.get("up")) in codes[1:]:
            place = codes.index(str(up))
            steps[place - 1], steps[place] = steps[place], steps[place - 1]
        return replace(self, steps=tuple(steps))


def blank_step(steps: Sequence[Step]) -> Step:
    """A step to begin with, a week after the last one."""
    code = f"S{uuid4().hex[:6].upper()}"
    if not steps:
        return Step(code, 1, grouped=True)
    last = steps[-1]
    tone = Tone.COURTEOUS if last.channel is Channel.FORMAL_NOTICE else last.tone
    return Step(code, 7, tone, anchor=Anchor.PREVIOUS, grouped=True, document=last.document)


def slug_of(title: str, taken: Container[str]) -> str:
    """A short name for addresses, made from the title, not used yet."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:30]
    slug = slug if slug[:1].isalpha() else f"s_{slug}".rstrip("_")
    return slug if slug not in taken else f"{slug}_{uuid4().hex[:4]}"


def _step(form: Form, code: str, errors: dict[str, str]) -> Step:
    def given(name: str) -> str:
        return form.get(f"{name}-{code}", "").strip()

    day = _whole(given("day").replace("\N{MINUS SIGN}", "-"), DAYS)
    if day is None:
        errors[f"day-{code}"] = gettext("Write a number of days, such as 8.")
    gap = _whole(given("gap"), range(GAP_DAYS_MAX + 1))
    if gap is None:
        errors[f"gap-{code}"] = gettext("Write a number of days, such as 5.")
    minimum = typed_cents(given("minimum") or "0")
    if minimum is None or minimum < 0:
        errors[f"minimum-{code}"] = gettext("Write an amount such as 1 234,56, or nothing.")
    channel = Channel(given("channel")) if given("channel") in set(Channel) else Channel.EMAIL
    return Step(
        code=code,
        day=day if day is not None else 1,
        tone=Tone(given("tone")) if given("tone") in set(Tone) else Tone.COURTEOUS,
        channel=channel,
        anchor=Anchor(given("anchor")) if given("anchor") in set(Anchor) else Anchor.DUE,
        gap_days=gap if gap is not None else 5,
        minimum_cents=max(minimum or 0, 0),
        business_days=bool(given("business")),
        grouped=bool(given("grouped")) and channel is Channel.EMAIL,
        document=bool(given("document")) and channel is not Channel.PHONE,
        sender=given("sender")[:80] or None,
        script=given("script")[:TEXT_CHARS_MAX] or None,
    )


def _whole(text: str, within: range) -> int | None:
    if not re.fullmatch(r"[+-]?\d{1,4}", text):
        return None
    return int(text) if int(text) in within else None
