"""Structured logs: constant messages, facts beside them, never a name, an IBAN or a secret."""

import logging
import sys

import structlog

FORBIDDEN = ("password", "token", "secret", "iban", "authorization", "cookie")


def configure(level: str, *, for_people: bool) -> None:
    """One line per event: JSON for machines, columns for people."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    logging.getLogger("factur-x").setLevel(logging.WARNING)
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=False)
        if for_people
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _leave_out_secrets,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _leave_out_secrets(
    _logger: object, _name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    return {
        key: "…" if any(word in key.lower() for word in FORBIDDEN) else value
        for key, value in event.items()
    }
