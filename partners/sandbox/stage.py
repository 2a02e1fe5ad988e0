"""Where the fictional lenders act: takes what the portal sends, plays the scripts, calls back."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from threading import Event as Signal
from typing import Any

from partners.sandbox import desk
from partners.sandbox.agenda import Agenda
from partners.sandbox.book import Book, DossierFile
from partners.sandbox.courier import Courier
from partners.sandbox.desk import Event, OutOfTurn
from partners.sandbox.lenders import Behaviour, SandboxLender
from partners.sandbox.post_office import SILENT, Carried, Course, PostOffice, words_of
from partners.sandbox.scripts import SCRIPTS, Fault, Step, behaviour_for, steps_after_deed
from partners.sandbox.settings import MovableClock, RegisterMode, SandboxSettings

POST = "post"
"""The post office's name among those who call back, from which its secret derives."""


class KeyReused(Exception):
    """The same idempotency key came with another message."""


class NoSuchDossier(LookupError):
    """This lender holds no such dossier."""


class Stage:
    """Every lender's dossiers, and what happens to them with time."""

    def __init__(self, settings: SandboxSettings) -> None:
        self.settings = settings
        self.closing = Signal()
        self.register_mode = RegisterMode.NORMAL
        self.clock = MovableClock(settings.at)
        self.book = Book(settings.state_path)
        self.post = PostOffice(int(settings.at().timestamp()))
        self.agenda = Agenda()
        self.courier = Courier(settings, self.agenda)
        self.lenders = {lender.slug: lender for lender in settings.lenders}
        self.behaviours = {lender.slug: lender.behaviour for lender in settings.lenders}
        for file in self.book:
            self._schedule(file)

    def fault_of(self, lender: SandboxLender, body: Mapping[str, Any]) -> Fault:
        """What goes wrong with this submission; counts it."""
        behaviour = behaviour_for(lender.slug, self.behaviours[lender.slug], body)
        fault = SCRIPTS[behaviour].fault
        calls = self.book.count_call(lender.slug, str(body["dossier"]))
        if fault is Fault.UNAVAILABLE_TWICE:
            return Fault.UNAVAILABLE if calls <= 2 else Fault.NONE
        if fault is Fault.HANG_ONCE_RECORDED and calls > 1:
            return Fault.NONE
        return fault

    def submit(self, lender: SandboxLender, key: str, body: dict[str, Any]) -> Event:
        """A new dossier, answered by its first event or the offer made at once.

        Raises:
            KeyReused: the key came before with another body.
        """
        with self.book.lock:
            file = self.book.find(lender.slug, body["dossier"])
            if file is not None:
                return self._same_answer(file, key, body)
            behaviour = behaviour_for(lender.slug, self.behaviours[lender.slug], body)
            file = self.book.add(DossierFile(lender.slug, body["dossier"], "", behaviour, body))
            event = desk.write(file, "received", self.clock.now())
            script = SCRIPTS[behaviour]
            if script.at_once is Step.OFFER:
                event = desk.offer(file, lender, self.clock.now())
            file.answers[key] = (_digest(body), event["id"])
            self._plan(file, script.then)
            return event

    def act(
        self,
        file: DossierFile,
        key: str,
        body: Mapping[str, Any],
        write: Callable[[], Event],
        then: Callable[[], tuple[Step, ...]] = tuple,
    ) -> Event:
        """One act of the portal on a dossier, done once per key.

        Raises:
            KeyReused: the key came before with another body.
            OutOfTurn: the act does not fit where the dossier stands.
        """
        with self.book.lock:
            if key in file.answers:
                return self._same_answer(file, key, body)
            event = write()
            file.answers[key] = (_digest(body), event["id"])
            self._plan(file, then())
            return event

    def deed_steps(self, file: DossierFile) -> tuple[Step, ...]:
        """What the lender does once it has the signed deed."""
        with_notice = desk.accepted_terms(file)["debtor_notice"]
        return steps_after_deed(file.behaviour, file.body["product"], with_notice=with_notice)

    def file_of(self, lender: str, dossier: str) -> DossierFile:
        """The lender's file of a dossier.

        Raises:
            NoSuchDossier: it holds none.
        """
        file = self.book.find(lender, dossier)
        if file is None:
            raise NoSuchDossier(f"{lender} holds no dossier {dossier}")
        return file

    def announce(self, file: DossierFile, *events: Event) -> None:
        """Call the portal back with these events, in this order."""
        self.book.save()
        for event in events:
            self.courier.deliver(file.lender, file.body.get("callback_url", ""), event)

    def plan(self, file: DossierFile, steps: tuple[Step, ...]) -> None:
        """Have the lender take these steps, one pace apart."""
        with self.book.lock:
            self._plan(file, steps)

    def set_behaviour(self, lender: str, behaviour: Behaviour) -> None:
        """The lender behaves so from now on, for new dossiers."""
        self.behaviours[lender] = behaviour

    def carry(self, sending: Carried) -> None:
        """Have a letter or a text carried, one step after each pace, each told to whoever sent it."""
        words = words_of(sending)
        if sending.course is Course.REVERSED:
            self.agenda.after(self.settings.pace_seconds, lambda: self._tell_reversed(sending))
            return
        self._carry_on(sending, words)

    def _carry_on(self, sending: Carried, words: tuple[str, ...]) -> None:
        """Say the next word after a pace, and those after it only then."""
        if words:
            self.agenda.after(
                self.settings.pace_seconds, lambda: self._tell(sending, words[0], words[1:])
            )

    def _tell(self, sending: Carried, word: str, then: tuple[str, ...]) -> None:
        event = self.post.say(sending, word, self.clock.now())
        if sending.course not in SILENT:
            self.courier.deliver(POST, sending.callback_url, event)
        if sending.course is Course.TWICE:
            self.courier.deliver(POST, sending.callback_url, event)
        self._carry_on(sending, then)

    def _tell_reversed(self, sending: Carried) -> None:
        """Everything happened, in order; the calls come in the opposite one."""
        at = self.clock.now()
        words = words_of(sending)
        events = [
            self.post.say(sending, word, at + timedelta(minutes=after))
            for after, word in enumerate(words)
        ]
        for event in reversed(events):
            self.courier.deliver(POST, sending.callback_url, event)

    def hang(self) -> None:
        """Keep a caller waiting, until its patience or the sandbox ends."""
        self.closing.wait(self.settings.hang_seconds)

    def reset(self) -> None:
        """Forget every dossier and delivery; everyone behaves as usual again."""
        self.register_mode = RegisterMode.NORMAL
        self.agenda.clear()
        self.book.clear()
        self.post.clear()
        self.courier.clear()
        self.behaviours = {lender.slug: lender.behaviour for lender in self.settings.lenders}

    def close(self) -> None:
        """Stop every thread; dossiers are saved as they stand."""
        self.closing.set()
        self.agenda.close()
        self.courier.close()
        self.book.save()

    def _same_answer(self, file: DossierFile, key: str, body: Mapping[str, Any]) -> Event:
        digest, event_id = file.answers.get(key, ("", ""))
        if digest != _digest(body):
            raise KeyReused("this key came before with another message")
        return file.event(event_id)

    def _plan(self, file: DossierFile, steps: tuple[Step, ...]) -> None:
        was_idle = not file.todo
        file.todo.extend(steps)
        self.book.save()
        if was_idle:
            self._schedule(file)

    def _schedule(self, file: DossierFile) -> None:
        if file.todo:
            self.agenda.after(self.settings.pace_seconds, lambda: self._take_step(file))

    def _take_step(self, file: DossierFile) -> None:
        with self.book.lock:
            if not file.todo:
                return
            step = Step(file.todo.pop(0))
            try:
                events = self._events_of(step, file)
            except OutOfTurn:
                file.todo.clear()
                return
            self.announce(file, *events)
            self._schedule(file)

    def _events_of(self, step: Step, file: DossierFile) -> tuple[Event, ...]:
        at, lender = self.clock.now(), self.lenders[file.lender]
        match step:
            case Step.OFFER:
                return (desk.offer(file, lender, at),)
            case Step.OFFER_TWICE:
                return (desk.offer(file, lender, at),) * 2
            case Step.OFFER_WRONG_TOTAL:
                return (desk.offer_that_does_not_add_up(file, lender, at),)
            case Step.ASK:
                return (desk.ask_for_delivery_note(file, at),)
            case Step.ASK_AND_OFFER_REVERSED:
                asked = desk.ask_for_delivery_note(file, at)
                return (desk.offer(file, lender, at), asked)
            case Step.DECLINE:
                text = "La concentration sur ce débiteur dépasse notre limite."
                return (desk.decline(file, at, "concentration", text),)
            case Step.SAY_UNKNOWN_WORD:
                return (desk.write(file, "under_committee_review", at),)
            case Step.WITHDRAW_OFFER:
                return (desk.withdraw_offer(file, at),)
            case _:
                return self._funded_events_of(step, file)

    def _funded_events_of(self, step: Step, file: DossierFile) -> tuple[Event, ...]:
        at = self.clock.now()
        match step:
            case Step.DATE_DEED:
                return (desk.date_deed(file, at),)
            case Step.DISBURSE:
                return (desk.disburse(file, at),)
            case Step.DATE_AND_DISBURSE_REVERSED:
                dated = desk.date_deed(file, at)
                return (desk.disburse(file, at), dated)
            case Step.NOTIFY_DEBTORS:
                return (desk.notify_debtors(file, at),)
            case Step.RELEASE_RESERVE:
                released = desk.release_reserve(file, at)
                return () if released is None else (released,)
            case _:
                return (desk.settle(file, at),)


def _digest(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(_lasting(body), sort_keys=True).encode()).hexdigest()


def _lasting(value: Any) -> Any:
    """The value without addresses: a signed link changes each time it is made."""
    if isinstance(value, Mapping):
        return {n: _lasting(v) for n, v in value.items() if n not in ("url", "callback_url")}
    if isinstance(value, list):
        return [_lasting(item) for item in value]
    return value
