"""Three claims on the legal road: one under formal notice, one with an order filed, one debtor in liquidation."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from portal.clock import PARIS
from portal.collections.legal.claim import claim_of
from portal.collections.legal.insolvencies import Proceedings, open_insolvency
from portal.collections.legal.models import InsolvencyKind
from portal.collections.legal.notices import record_deposit, write_notice
from portal.collections.legal.orders import file_order, prepare_order
from portal.collections.legal.outsourcing import Mandate, add_agency
from portal.debtors.models import DebtorSegment
from portal.demo.stage import Stage
from portal.receivables.models import Receivable
from portal.receivables.position import Position
from pricing.court import CourtKind
from pricing.parameters import law

POSITION = Position.__table__


def take_the_legal_road(stage: Stage) -> int:
    """Play the three claims, as their creditors do today, after all that happened before; how many there were."""
    late = _long_unpaid(stage, "menuiserie")
    if late[:1]:
        _under_formal_notice(stage, late[0])
    if late[1:2]:
        _with_an_order_filed(stage, late[1])
    insolvent = _long_unpaid(stage, "transport")
    if insolvent[:1]:
        _in_liquidation(stage, insolvent[-1])
    add_agency(
        stage.session,
        stage.founded["menuiserie"],
        Mandate(
            "Agence de recouvrement Exemple",
            "4 rue du Recouvrement, 69000 Exempleville",
            stage.today - timedelta(days=200),
            "12 % des sommes encaissées, rien en cas d'échec",
            insured=True,
            declared=True,
            email="dossiers@agence.example",
        ),
        by=stage.members["menuiserie"].id,
        at=stage.now,
    )
    stage.forget_jobs()
    return len(late[:2]) + len(insolvent[:1])


def _long_unpaid(stage: Stage, trade: str) -> list[Receivable]:
    """What companies owe since more than two months, free of any deed, dispute or promise; the largest first."""
    return list(
        stage.session.scalars(
            select(Receivable)
            .join(POSITION, POSITION.c.receivable_id == Receivable.id)
            .where(
                Receivable.assignor_id == stage.founded[trade],
                Receivable.due_on < stage.today - timedelta(days=55),
                Receivable.debtor.has(segment=DebtorSegment.PRIVATE, country="FR"),
                POSITION.c.outstanding_cents > 0,
                POSITION.c.disputed_cents == 0,
                POSITION.c.promised_for.is_(None),
                POSITION.c.deed_id.is_(None),
            )
            .order_by(POSITION.c.outstanding_cents.desc(), Receivable.id)
            .limit(5)
        )
    )


def _under_formal_notice(stage: Stage, receivable: Receivable) -> None:
    """Written and deposited today; the post has the word now."""
    by, today = stage.members["menuiserie"].id, _day(stage.now)
    notice = write_notice(stage.session, stage.store, receivable, law=law(), by=by, at=stage.now)
    record_deposit(stage.session, notice, today, reference="1A 000 000 0001 2", by=by, at=stage.now)


def _with_an_order_filed(stage: Stage, receivable: Receivable) -> None:
    """Prepared and filed today; the court's answer is awaited."""
    by, today = stage.members["menuiserie"].id, _day(stage.now)
    claim = claim_of(stage.session, receivable, today=today, law=law())
    order = prepare_order(
        stage.session,
        claim,
        court_kind=CourtKind.COMMERCIAL,
        court_name="Tribunal de commerce d'Exempleville",
        representative="La gérante",
        by=by,
        at=stage.now,
    )
    file_order(stage.session, order, today, by=by, at=stage.now)


def _in_liquidation(stage: Stage, receivable: Receivable) -> None:
    by = stage.members["transport"].id
    told = Proceedings(
        InsolvencyKind.LIQUIDATION,
        _day(stage.ago(16)),
        "Tribunal de commerce d'Exempleville",
        "Étude Exemple, liquidateur",
        "2 rue du Palais, 69000 Exempleville",
        published_on=_day(stage.ago(6)),
    )
    open_insolvency(stage.session, receivable.debtor, told, by=by, at=stage.now)


def _day(at: datetime) -> date:
    return at.astimezone(PARIS).date()
