"""Two years of invoices and how they were paid: made up, but always the same, and shaped like real trade."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from partners.sandbox.companies import FictionalCompany, companies_of

MONTHS = 24
SEED = 20_26
GROWTH = 0.55


@dataclass(frozen=True, slots=True)
class Trade:
    """What one demonstration SME sells, to whom, and on which terms."""

    key: str
    siren: str
    prefix: str
    wordings: tuple[str, ...]
    net_euros: tuple[int, int]
    per_month: float
    terms_days: tuple[int, ...]
    customers: int


TRADES: tuple[Trade, ...] = (
    Trade(
        "menuiserie",
        "000101006",
        "MEN",
        (
            "Fourniture et pose de menuiseries extérieures",
            "Agencement intérieur sur mesure",
            "Escalier et garde-corps",
            "Portes coupe-feu, lot 6",
            "Remplacement de fenêtres, bâtiment B",
        ),
        (1_800, 32_000),
        7.6,
        (45, 60, 60),
        15,
    ),
    Trade(
        "transport",
        "000102004",
        "TR",
        (
            "Transport régional, lot complet",
            "Tournées de distribution",
            "Affrètement international",
            "Messagerie palettisée",
            "Mise à disposition d'un véhicule avec conducteur",
        ),
        (450, 7_800),
        11.4,
        (30,),
        14,
    ),
    Trade(
        "agence",
        "000103002",
        "AG",
        (
            "Campagne de communication, acompte exclu",
            "Refonte d'identité visuelle",
            "Production vidéo",
            "Accompagnement éditorial trimestriel",
            "Achat d'espace et suivi",
        ),
        (1_200, 19_000),
        6.2,
        (30, 45, 60),
        13,
    ),
)


@dataclass(frozen=True, slots=True)
class Customer:
    """A debtor, and its habits: mean days late, how much that varies, and how often it pays in two times."""

    company: FictionalCompany
    late_days: int
    spread_days: int
    splits: float
    disputes: float
    weight: float


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice of the history, with everything that happened to it up to today."""

    number: str
    customer: Customer
    wording: str
    net_cents: int
    vat_cents: int
    issued_on: date
    delivered_on: date
    due_on: date
    order_reference: str
    payments: tuple[tuple[date, int], ...] = field(default=())
    credit_cents: int = 0
    disputed_cents: int = 0
    promised_for: date | None = None

    @property
    def face_cents(self) -> int:
        return self.net_cents + self.vat_cents

    @property
    def open_cents(self) -> int:
        """What is still owed today."""
        return self.face_cents - self.credit_cents - sum(cents for _, cents in self.payments)

    @property
    def is_open(self) -> bool:
        return self.open_cents > 0


def customers_of(trade: Trade) -> list[Customer]:
    """The trade's customers; some are shared between trades, as lenders see it in life."""
    chance = Random(f"{SEED}-{trade.key}")
    pool = list(companies_of("debtor"))
    offset = [one.key for one in TRADES].index(trade.key) * 13
    chosen = (pool[offset:] + pool[:offset])[: trade.customers]
    return [_habits(company, chance) for company in chosen]


def invoices_of(trade: Trade, today: date) -> Iterator[Invoice]:
    """Every invoice the trade issued in the two years before ``today``, oldest first."""
    chance = Random(f"{SEED}-{trade.key}-invoices")
    customers = customers_of(trade)
    weights = [customer.weight for customer in customers]
    first = today - timedelta(days=MONTHS * 30)
    days = sorted(
        first + timedelta(days=int((today - first).days * chance.random() ** GROWTH))
        for _ in range(round(trade.per_month * MONTHS))
    )
    counters: dict[int, int] = {}
    for issued_on in (_working_day(day) for day in days):
        counters[issued_on.year] = counters.get(issued_on.year, 0) + 1
        number = f"{trade.prefix}{issued_on.year}-{counters[issued_on.year]:04d}"
        customer = chance.choices(customers, weights)[0]
        yield _invoice(trade, customer, number, issued_on, today, chance)


def _habits(company: FictionalCompany, chance: Random) -> Customer:
    kinds: Sequence[tuple[int, int, float, float]] = (
        (-1, 4, 0.02, 0.02),
        (6, 5, 0.04, 0.04),
        (16, 9, 0.08, 0.06),
        (31, 14, 0.12, 0.09),
        (58, 24, 0.22, 0.14),
    )
    likely = (0.18, 0.24, 0.24, 0.20, 0.14)
    late, spread, splits, disputes = chance.choices(kinds, likely)[0]
    weight = {"large": 2.4, "public": 1.1}.get(company.segment, 1.0) * chance.uniform(0.5, 1.5)
    return Customer(company, late, spread, splits, disputes, weight)


def _invoice(
    trade: Trade, customer: Customer, number: str, issued_on: date, today: date, chance: Random
) -> Invoice:
    low, high = trade.net_euros
    net = round(low * (high / low) ** chance.betavariate(2, 3.2)) * 100 + chance.choice(
        (0, 0, 50, 90)
    )
    vat = (net * 20 + 50) // 100
    terms = 30 if customer.company.segment == "public" else chance.choice(trade.terms_days)
    due_on = issued_on + timedelta(days=terms)
    face = net + vat
    credit = face // 10 if chance.random() < 0.03 else 0
    payments = _payments(customer, face - credit, due_on, today, chance)
    open_cents = face - credit - sum(cents for _, cents in payments)
    contested = open_cents > 0 and issued_on < today - timedelta(days=8)
    disputed = chance.random() < customer.disputes * 2 and contested
    promised = (
        today + timedelta(days=chance.randint(2, 9))
        if open_cents
        and due_on < today - timedelta(days=6)
        and not disputed
        and chance.random() < 0.2
        else None
    )
    return Invoice(
        number=number,
        customer=customer,
        wording=chance.choice(trade.wordings),
        net_cents=net,
        vat_cents=vat,
        issued_on=issued_on,
        delivered_on=issued_on - timedelta(days=chance.randint(0, 9)),
        due_on=due_on,
        order_reference=f"CDE-{chance.randrange(10_000, 99_999)}",
        payments=payments,
        credit_cents=credit,
        disputed_cents=(open_cents // 3 or open_cents) if disputed else 0,
        promised_for=promised,
    )


def _payments(
    customer: Customer, owed: int, due_on: date, today: date, chance: Random
) -> tuple[tuple[date, int], ...]:
    delay = round(chance.gauss(customer.late_days, customer.spread_days))
    forgotten = chance.random() < 0.05
    paid_on = _working_day(due_on + timedelta(days=max(delay, -12) + (150 if forgotten else 0)))
    parts = [(paid_on, owed)]
    if chance.random() < customer.splits:
        later = paid_on + timedelta(days=chance.randint(10, 35))
        parts = [(paid_on, owed // 2), (later, owed - owed // 2)]
    return tuple((day, cents) for day, cents in parts if day <= today and cents)


def _working_day(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 4))
