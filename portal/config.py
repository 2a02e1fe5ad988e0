"""Every setting of the product, typed, read once from the environment."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

DEVELOPMENT_SECRET = "development-only-secret-change-me"  # noqa: S105


class SettingRefused(ValueError):
    """A setting cannot be used as given; the message names it and says what to do."""


def _setting(default: Any, *, env: str, help: str, secret: bool = False) -> Any:
    return field(default=default, metadata={"env": env, "help": help, "secret": secret})


@dataclass(frozen=True, slots=True)
class Settings:
    """What the product needs to know of the place where it runs."""

    mode: str = _setting(
        "demo",
        env="PORTAL_MODE",
        help="`demo` (sandbox partners, messages kept, calendar can be advanced) or `production`.",
    )
    secret_key: str = _setting(
        DEVELOPMENT_SECRET,
        env="PORTAL_SECRET_KEY",
        help="Signs sessions and links, keys fingerprints. Production refuses to start with the default.",
        secret=True,
    )
    database_url: str = _setting(
        "",
        env="DATABASE_URL",
        help="PostgreSQL (15 or later), as the role that owns the tables."
        " Empty: the product starts its own under PORTAL_VAR.",
        secret=True,
    )
    database_app_url: str = _setting(
        "",
        env="DATABASE_APP_URL",
        help="The same database as the role `portal_app`, which cannot bypass row-level security. Empty: derived.",
        secret=True,
    )
    public_url: str = _setting(
        "http://127.0.0.1:8000",
        env="PORTAL_PUBLIC_URL",
        help="Where browsers reach the product; used in links.",
    )
    var_directory: Path = _setting(
        Path("var"),
        env="PORTAL_VAR",
        help="Local state: embedded database, documents, process files.",
    )
    documents_url: str = _setting(
        "",
        env="PORTAL_DOCUMENTS_URL",
        help="fsspec address of the document store. Empty: `documents/` under PORTAL_VAR.",
    )
    smtp_url: str = _setting(
        "",
        env="PORTAL_SMTP_URL",
        help="`smtp://user:password@host:port` (`smtps://` for TLS from the start)."
        " Empty: messages are kept and shown to operators only; refused in production.",
        secret=True,
    )
    mail_from: str = _setting(
        "Encaisse <no-reply@encaisse.example>",
        env="PORTAL_MAIL_FROM",
        help="Sender of the product's own messages.",
    )
    stripe_url: str = _setting(
        "https://api.stripe.com",
        env="PORTAL_STRIPE_URL",
        help="Where Stripe answers, for payments by card on the debtor's page."
        " `portal run` points it to the sandbox in demo mode.",
    )
    post_url: str = _setting(
        "",
        env="PORTAL_POST_URL",
        help="Post office for letters and text messages, speaking `docs/post-api.md`."
        " Empty: they are kept and shown to operators only. `portal run` points it to the sandbox in demo mode.",
    )
    post_secret: str = _setting(
        "",
        env="PORTAL_POST_SECRET",
        help="Signs what is exchanged with the post office; several separated by spaces, the newest first.",
        secret=True,
    )
    mailbox_url: str = _setting(
        "",
        env="PORTAL_MAILBOX_URL",
        help="Mailbox where answers and undelivered mails come in: `imaps://user:password@host:port/INBOX`."
        " Empty: none is read.",
        secret=True,
    )
    reply_address: str = _setting(
        "",
        env="PORTAL_REPLY_ADDRESS",
        help="Address of that mailbox, as `replies@mail.example`; it must take `replies+anything@` too."
        " Debtors' answers go to the assignor and to it. Empty: to the assignor only.",
    )
    mail_secret: str = _setting(
        "",
        env="PORTAL_MAIL_SECRET",
        help="Verifies mails handed to `POST /api/v1/post/mail`; several separated by spaces. Empty: refused.",
        secret=True,
    )
    register_url: str = _setting(
        "https://recherche-entreprises.api.gouv.fr",
        env="PORTAL_REGISTER_URL",
        help="Company register (Recherche d'entreprises). `portal run` points it to the sandbox in demo mode.",
    )
    sandbox_url: str = _setting(
        "http://127.0.0.1:8090",
        env="PORTAL_SANDBOX_URL",
        help="Where the demonstration partners listen.",
    )
    web_port: int = _setting(
        8000, env="PORTAL_PORT", help="Port of the web server started by `portal run`."
    )
    web_workers: int = _setting(2, env="PORTAL_WEB_WORKERS", help="gunicorn worker processes.")
    trusted_proxies: int = _setting(
        0,
        env="PORTAL_TRUSTED_PROXIES",
        help="How many proxies in front are believed about the visitor's address and https.",
    )
    upload_max_bytes: int = _setting(
        20_000_000, env="PORTAL_UPLOAD_MAX_BYTES", help="Largest single file accepted, in bytes."
    )
    upload_max_files: int = _setting(
        50, env="PORTAL_UPLOAD_MAX_FILES", help="Most files accepted in one drop."
    )
    application_days: int = _setting(
        30,
        env="PORTAL_APPLICATION_DAYS",
        help="Days an unfinished application can be resumed by its link.",
    )
    lender_timeout_seconds: int = _setting(
        10, env="PORTAL_LENDER_TIMEOUT_SECONDS", help="How long one call to a lender may take."
    )
    lender_attempts: int = _setting(
        6,
        env="PORTAL_LENDER_ATTEMPTS",
        help="How often an unreached lender is asked before a person must look.",
    )
    submission_days: int = _setting(
        5,
        env="PORTAL_SUBMISSION_DAYS",
        help="Days a lender has to answer before its submission expires.",
    )
    l126_enabled: int = _setting(
        0,
        env="PORTAL_L126_ENABLED",
        help="1 shows the procedure of uncontested commercial claims (CPCE L126-1) among the legal roads."
        " Off: no implementing decree was published at our last reading.",
    )
    rate_limit_storage: str = _setting(
        "memory://",
        env="PORTAL_RATE_LIMIT_STORAGE",
        help="Rate limits: `memory://` on one machine, a Redis address on several.",
    )
    log_level: str = _setting("INFO", env="PORTAL_LOG_LEVEL", help="Lowest level logged.")
    intermediary_name: str = _setting(
        "Encaisse Démonstration SAS",
        env="PORTAL_INTERMEDIARY_NAME",
        help="Legal name of the operator of this site.",
    )
    intermediary_status: str = _setting(
        "courtier en opérations de banque et en services de paiement (COBSP)",
        env="PORTAL_INTERMEDIARY_STATUS",
        help="Its status under CMF L519-1, shown before any submission.",
    )
    intermediary_orias: str = _setting(
        "00000000", env="PORTAL_INTERMEDIARY_ORIAS", help="Its ORIAS registration number."
    )
    intermediary_remuneration: str = _setting(
        "Commission payée par le financeur après le versement : 0,20 % de l'avance",
        env="PORTAL_INTERMEDIARY_REMUNERATION",
        help="How and by whom it is paid; shown before submission."
        " Nothing is ever charged before disbursement (CMF L519-6).",
    )

    intermediary_links: str = _setting(
        "Aucun lien capitalistique de 10 % ou plus avec un financeur ;"
        " aucun financeur ne représente plus d'un tiers de son chiffre d'affaires",
        env="PORTAL_INTERMEDIARY_LINKS",
        help="Capital links of 10 % or more with lenders, and lenders above a third of its turnover;"
        " shown before submission.",
    )
    intermediary_complaints: str = _setting(
        "Réclamations : reclamations@encaisse.example, réponse sous dix jours ouvrables, puis médiateur",
        env="PORTAL_INTERMEDIARY_COMPLAINTS",
        help="Where complaints go and who mediates; shown before submission.",
    )
    intermediary_status_en: str = _setting(
        "broker in banking operations and payment services (COBSP)",
        env="PORTAL_INTERMEDIARY_STATUS_EN",
        help="The status in English; the French words are those that bind.",
    )
    intermediary_remuneration_en: str = _setting(
        "Commission paid by the lender after the advance: 0.20% of the advance",
        env="PORTAL_INTERMEDIARY_REMUNERATION_EN",
        help="The remuneration in English.",
    )
    intermediary_links_en: str = _setting(
        "No capital tie of 10% or more with a lender; no lender makes more than a third of its turnover",
        env="PORTAL_INTERMEDIARY_LINKS_EN",
        help="The links in English.",
    )
    intermediary_complaints_en: str = _setting(
        "Complaints: reclamations@encaisse.example, answered within ten working days, then mediator",
        env="PORTAL_INTERMEDIARY_COMPLAINTS_EN",
        help="The complaints' road in English.",
    )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Read and check every setting.

        Raises:
            SettingRefused: a value cannot be read, or production lacks what makes it safe.
        """
        given: dict[str, Any] = {}
        for known in fields(cls):
            name = known.metadata["env"]
            if name in environ:
                given[known.name] = _read(name, environ[name], type(known.default))
        settings = cls(**given)
        settings.refuse_unsafe_production()
        return settings

    @property
    def is_demo(self) -> bool:
        return self.mode == "demo"

    @property
    def documents_address(self) -> str:
        return self.documents_url or str((self.var_directory / "documents").absolute())

    def refuse_unsafe_production(self) -> None:
        """Production starts only with its own secret, an outgoing mail server and a secure address."""
        if self.mode not in ("demo", "production"):
            raise SettingRefused(f"PORTAL_MODE is '{self.mode}'; use 'demo' or 'production'")
        if self.is_demo:
            return
        if self.secret_key == DEVELOPMENT_SECRET or len(self.secret_key) < 32:
            raise SettingRefused(
                "PORTAL_SECRET_KEY must be your own, of 32 characters or more, in production"
            )
        if not self.smtp_url:
            raise SettingRefused(
                "PORTAL_SMTP_URL is needed in production: without it no message leaves"
            )
        if not self.stripe_url.startswith("https://"):
            raise SettingRefused("PORTAL_STRIPE_URL must start with https:// in production")
        if self.post_url and not self.post_secret:
            raise SettingRefused("PORTAL_POST_SECRET is needed with PORTAL_POST_URL")
        if not self.public_url.startswith("https://"):
            raise SettingRefused("PORTAL_PUBLIC_URL must start with https:// in production")

    def derive_secret(self, purpose: str) -> str:
        """A secret of its own for each purpose, so that none is ever used for two things."""
        return hmac.new(self.secret_key.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def _read(name: str, raw: str, kind: type) -> Any:
    try:
        if issubclass(kind, Path):
            return Path(raw)
        return int(raw) if kind is int else raw
    except ValueError as error:
        raise SettingRefused(f"{name} is '{raw}'; a {kind.__name__} is needed") from error
