"""Links, what debtors said through them, and payments by card."""

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.collections.debtor_page.states import CheckoutState
from portal.db import Base, Identified


class DebtorLink(Identified):
    """A signed address that shows one debtor some of its invoices; only its hash is kept.

    It opens until the end of ``expires_on``, and no more once revoked.
    """

    __tablename__ = "debtor_link"

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    debtor_id: Mapped[UUID] = mapped_column(ForeignKey("debtor.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]
    expires_on: Mapped[date]
    opened_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[UUID | None]


class DebtorLinkLine(Base):
    """One invoice that a link shows."""

    __tablename__ = "debtor_link_line"

    link_id: Mapped[UUID] = mapped_column(ForeignKey("debtor_link.id"), primary_key=True)
    receivable_id: Mapped[UUID] = mapped_column(
        ForeignKey("receivable.id"), primary_key=True, index=True
    )
    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)


class WordKind(enum.StrEnum):
    """What a debtor can say."""

    PAID = "paid"
    PROMISE = "promise"
    DISPUTE = "dispute"
    PLAN = "plan"
    CONTACT = "contact"


class WordState(enum.StrEnum):
    """Noted at once, or waiting for the assignor's answer."""

    NOTED = "noted"
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class DebtorWord(Identified):
    """One thing the debtor said on its page: a claim to have paid, a promise, a dispute, a plan, a contact.

    ``day`` is the day it says it paid, or promises for; ``subject_id`` the promise, dispute or plan it became.
    """

    __tablename__ = "debtor_word"
    __table_args__ = (UniqueConstraint("link_id", "form_token"),)

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    debtor_id: Mapped[UUID] = mapped_column(ForeignKey("debtor.id"), index=True)
    link_id: Mapped[UUID] = mapped_column(ForeignKey("debtor_link.id"), index=True)
    receivable_id: Mapped[UUID | None] = mapped_column(ForeignKey("receivable.id"), index=True)
    kind: Mapped[WordKind]
    state: Mapped[WordState]
    form_token: Mapped[str]
    said_at: Mapped[datetime]
    amount_cents: Mapped[int | None]
    day: Mapped[date | None]
    method: Mapped[str | None]
    note: Mapped[str | None]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    subject_id: Mapped[UUID | None]
    contact_name: Mapped[str | None]
    contact_email: Mapped[str | None]
    contact_phone: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None]


class PlanRequest(Identified):
    """Instalments a debtor proposes, ``[{"due_on": "2026-12-31", "amount_cents": 10000}, …]``; the assignor answers."""

    __tablename__ = "plan_request"

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    debtor_id: Mapped[UUID] = mapped_column(ForeignKey("debtor.id"), index=True)
    receivable_id: Mapped[UUID] = mapped_column(ForeignKey("receivable.id"), index=True)
    link_id: Mapped[UUID | None] = mapped_column(ForeignKey("debtor_link.id"))
    instalments: Mapped[list[Any]]
    note: Mapped[str | None]
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None]
    accepted: Mapped[bool | None]


class CardAccount(Base):
    """An assignor's own Stripe account: what receives its debtors' payments; its keys are in `CardSecret`."""

    __tablename__ = "card_account"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    webhook_token: Mapped[str] = mapped_column(unique=True)
    live: Mapped[bool]
    by_card: Mapped[bool] = mapped_column(default=True)
    by_debit: Mapped[bool] = mapped_column(default=False)
    enabled: Mapped[bool] = mapped_column(default=True)
    checked_at: Mapped[datetime]
    set_at: Mapped[datetime]
    set_by: Mapped[UUID | None]
    last_event_at: Mapped[datetime | None]


class CardSecret(Base):
    """The secret key and what signs the webhooks; encrypted, opened by jobs and the webhook's door only."""

    __tablename__ = "card_secret"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    secret_key: Mapped[str]
    webhook_secret: Mapped[str]
    set_at: Mapped[datetime]


class CardCheckout(Identified):
    """One payment asked of the payment service: the amount the page showed on ``asked_on``, and what became of it."""

    __tablename__ = "card_checkout"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        UniqueConstraint("link_id", "form_token"),
        Index(
            "uq_card_checkout_session",
            "session_key",
            unique=True,
            postgresql_where="session_key IS NOT NULL",
        ),
    )

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    debtor_id: Mapped[UUID] = mapped_column(ForeignKey("debtor.id"), index=True)
    receivable_id: Mapped[UUID] = mapped_column(ForeignKey("receivable.id"), index=True)
    link_id: Mapped[UUID] = mapped_column(ForeignKey("debtor_link.id"))
    form_token: Mapped[str]
    state: Mapped[CheckoutState] = mapped_column(default=CheckoutState.CREATED)
    amount_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    asked_on: Mapped[date]
    created_at: Mapped[datetime]
    session_key: Mapped[str | None]
    session_url: Mapped[str | None]
    intent_key: Mapped[str | None] = mapped_column(index=True)
    method: Mapped[str | None]
    fee_cents: Mapped[int | None]
    net_cents: Mapped[int | None]
    failure: Mapped[str | None]
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment.id"))
    times_recorded: Mapped[int] = mapped_column(default=0)
    checked_at: Mapped[datetime | None]


class CardEvent(Identified):
    """A webhook as received; kept before it is read, read once."""

    __tablename__ = "card_event"
    __table_args__ = (UniqueConstraint("assignor_id", "event_key"),)

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    event_key: Mapped[str]
    kind: Mapped[str]
    body: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
    processed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
