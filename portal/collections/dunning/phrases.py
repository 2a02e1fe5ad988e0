"""The parts of a reminder that are computed: amounts and articles, the payee, the statement of account."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from markupsafe import Markup, escape

from portal.collections.dunning.casefile import CaseFile
from portal.collections.dunning.wording import Value
from portal.debtors.models import DebtorSegment
from portal.identity.models import Organisation
from portal.payments.account import Statement
from pricing.wording import amount_text, date_text

FIRM_LEVEL = 2
CELL = "padding:4px 8px;border-bottom:1px solid #d5dbe3;text-align:"


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases in one language, one currency, on one day."""

    locale: str
    currency: str
    on: date

    def say(self, phrase: str, /, **values: str) -> str:
        """One phrase with its values."""
        return _phrases()[self.locale][phrase].format(**values)

    def money(self, cents: int) -> str:
        return amount_text(cents, self.locale, self.currency)

    def day(self, value: date) -> str:
        return date_text(value.isoformat(), self.locale)

    def nobody(self, debtor_name: str) -> str:
        """How a debtor without a named contact is greeted: French needs nothing, English a name."""
        return "" if self.locale == "fr" else debtor_name

    def recall(self, reminded: bool) -> str:
        """A first message never speaks of earlier ones."""
        return self.say("recall") if reminded else ""

    def payment(self, name: str, iban: str | None, reference: str, *, to_assignee: bool) -> str:
        """Whom to pay; once assigned and notified, that nobody else may be paid."""
        lines = [self.say("payment", name=name, iban=iban, reference=reference)] if iban else []
        if to_assignee:
            lines.append(self.say("assigned", name=name))
        return "\n".join(lines)

    def with_page(self, said: str, page_url: str | None) -> Value:
        """The same, then where the debtor sees its invoices, pays and answers without an account."""
        told = Value.of(said)
        if page_url is None:
            return told
        words = self.say("page")
        link = Markup('<a href="{0}">{0}</a>').format(page_url)
        parted = (told.html, escape(words), link) if said else (escape(words), link)
        text = "\n".join(filter(None, (said, words, page_url)))
        return Value(text, Markup("<br>").join(parted))

    def signature(self, assignor: Organisation, address: str, sender: str | None) -> str:
        """Who writes, with what a business letter must carry (C. com. R123-237)."""
        known = [
            sender if sender and sender != assignor.legal_name else "",
            " ".join(filter(None, (assignor.legal_name, assignor.legal_form))),
            address,
            f"SIREN {assignor.siren}" if assignor.siren else "",
            "",
            self.say("sent_with", name=assignor.legal_name),
        ]
        return "\n".join(line for place, line in enumerate(known) if line or place == 4)

    def of_one(self, file: CaseFile, asked: Statement) -> dict[str, Value]:
        """The variables of a message about one receivable."""
        receivable = file.receivable
        deducted = receivable.face_cents - asked.principal.cents
        said = {
            "number": receivable.number,
            "issued_date": self.day(receivable.issued_on),
            "due_date": self.day(file.case.due_on),
            "days_late": str(max((asked.on - file.case.due_on).days, 0)),
            "principal": self.money(asked.principal.cents),
            "penalties": self.money(asked.penalties.cents),
            "indemnity": self.money(asked.indemnity.cents),
            "deducted": self.say("deducted", amount=self.money(deducted)) if deducted else "",
            "details": "\n".join(self.details(file, asked)),
        }
        return {name: Value.of(text) for name, text in said.items()}

    def details(self, file: CaseFile, asked: Statement) -> list[str]:
        """What is asked, line by line with its article."""
        suffix = "_public" if file.debtor.segment is DebtorSegment.PUBLIC else ""
        lines = [self.say("principal", amount=self.money(asked.principal.cents))]
        if asked.penalties.cents and asked.due:
            said = self.say(
                f"penalties{suffix}",
                day=self.day(asked.on),
                amount=self.money(asked.penalties.cents),
                days=str((asked.on - file.case.due_on).days),
                basis=asked.due.day_count.value,
            )
            lines.append(said)
        if asked.indemnity.cents:
            amount = self.money(asked.indemnity.cents)
            lines.append(self.say(f"indemnity{suffix}", amount=amount))
        total = self.money(asked.total.cents)
        return [*lines, self.say("total", day=self.day(asked.on), amount=total)]

    def statement(self, rows: Sequence[tuple[CaseFile, Statement]], level: int) -> Value:
        """The statement of account of a grouped message, as lines and as a table."""
        firm = level >= FIRM_LEVEL
        cents = sum(asked.total.cents if firm else asked.principal.cents for _, asked in rows)
        total = self.say("sum", day=self.day(self.on), total=self.money(cents))
        lines = [
            self.say("line" if firm else "line_bare", **self._cells(file, asked))
            for file, asked in rows
        ]
        tail = [total, self._sources()] if firm else [total]
        html = self._table(rows, firm) + Markup("").join(
            Markup("<p>{}</p>").format(one) for one in tail
        )
        return Value("\n".join([*lines, "", *tail]), html)

    def table(self, rows: Sequence[tuple[CaseFile, Statement]]) -> list[list[str]]:
        """The heads and cells of the whole statement, for a document."""
        heads = self.say("heads").split("|")
        return [heads, *(list(self._cells(file, asked).values()) for file, asked in rows)]

    def _cells(self, file: CaseFile, asked: Statement) -> dict[str, str]:
        return {
            "number": file.receivable.number,
            "issued": self.day(file.receivable.issued_on),
            "due": self.day(file.case.due_on),
            "principal": self.money(asked.principal.cents),
            "penalties": self.money(asked.penalties.cents),
            "indemnity": self.money(asked.indemnity.cents),
            "total": self.money(asked.total.cents),
        }

    def _sources(self) -> str:
        return self.say(
            "sources",
            penalties=self.say("source_of_penalties"),
            indemnity=self.say("source_of_indemnity"),
        )

    def _table(self, rows: Sequence[tuple[CaseFile, Statement]], firm: bool) -> Markup:
        shown = slice(0, 7) if firm else slice(0, 4)
        heads, *lines = [cells[shown] for cells in self.table(rows)]
        body = Markup("").join(_row(cells, "td") for cells in lines)
        return Markup('<table style="border-collapse:collapse;font-size:14px">{}{}</table>').format(
            _row(heads, "th"), body
        )


def _row(cells: Sequence[str], tag: str) -> Markup:
    made = "".join(
        f'<{tag} style="{CELL}{"right" if place > 2 else "left"}">{escape(cell)}</{tag}>'
        for place, cell in enumerate(cells)
    )
    return Markup(f"<tr>{made}</tr>")  # noqa: S704 - every cell was escaped above


@cache
def _phrases() -> dict[str, dict[str, str]]:
    text = resources.files("portal.collections.dunning").joinpath("phrases.toml").read_text("utf-8")
    return tomllib.loads(text)
