"""Each rule on its threshold and one unit past it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pricing.eligibility.assessment import CHECKS, RULES
from pricing.eligibility.finding import Outcome, Party
from pricing.facts import AssignmentClause, DebtorSegment, DocumentKind, ReceivableKind
from pricing.money import Money
from pricing.products.quote import Product
from tests.pricing.builders import TODAY, a_question, euros, in_days

OK, WARNING, BLOCKED, REFUSED = Outcome
NO_FINDING = None


def case(code: str, outcome: Outcome | None, **facts: Any) -> Any:
    told = ", ".join(f"{name}={value}" for name, value in facts.items())
    return pytest.param(code, outcome, facts, id=f"{code} {outcome}: {told}"[:110])


def consumer() -> dict[str, Any]:
    return {"segment": DebtorSegment.CONSUMER}


def public(**more: Any) -> dict[str, Any]:
    return {"segment": DebtorSegment.PUBLIC, **more}


BOUNDARIES = [
    case("NOT_B2B", OK),
    case("NOT_B2B", REFUSED, debtor=consumer()),
    case("DEBTOR_UNIDENTIFIED", OK),
    case("DEBTOR_UNIDENTIFIED", BLOCKED, debtor={"siren": None}),
    case("DEBTOR_UNIDENTIFIED", NO_FINDING, debtor={"siren": None, "country": "DE"}),
    case("PUBLIC_DEBTOR", OK),
    case("PUBLIC_DEBTOR", REFUSED, debtor=public()),
    case("PUBLIC_DEBTOR", WARNING, debtor=public(), policy={"public_debtors": True}),
    case(
        "PUBLIC_DEBTOR",
        OK,
        debtor=public(),
        policy={"public_debtors": True},
        transferability_certificate=True,
    ),
    case(
        "PUBLIC_DEBTOR",
        REFUSED,
        debtor=public(),
        policy={"public_debtors": True},
        transferability_certificate=True,
        product=Product.DISCOUNT,
    ),
    case("RELATED_PARTY", OK, assignor={"related_sirens": frozenset({"100000025"})}),
    case("RELATED_PARTY", REFUSED, assignor={"related_sirens": frozenset({"100000009"})}),
    case("RELATED_PARTY", REFUSED, debtor={"siren": "100000017"}),
    case("RELATED_PARTY", REFUSED, debtor={"segment": DebtorSegment.RELATED}),
    case("FOREIGN_DEBTOR", OK, debtor={"country": "BE"}, policy={"countries": ["FR", "BE"]}),
    case("FOREIGN_DEBTOR", REFUSED, debtor={"country": "BE"}),
    case("SET_OFF_RISK", OK),
    case("SET_OFF_RISK", WARNING, debtor={"also_supplies_assignor": True}),
    case("DEBTOR_PAYS_LATE", NO_FINDING, debtor={"mean_days_late": 40}),
    case("DEBTOR_PAYS_LATE", OK, debtor={"mean_days_late": 15}, policy={"mean_days_late_max": 15}),
    case(
        "DEBTOR_PAYS_LATE",
        WARNING,
        debtor={"mean_days_late": 16},
        policy={"mean_days_late_max": 15},
    ),
    case(
        "DEBTOR_OVERDUE_SHARE",
        OK,
        debtor={"outstanding": euros("1000.00"), "overdue": euros("200.00")},
        policy={"overdue_rate_max": "0.20"},
    ),
    case(
        "DEBTOR_OVERDUE_SHARE",
        BLOCKED,
        debtor={"outstanding": euros("1000.00"), "overdue": euros("200.01")},
        policy={"overdue_rate_max": "0.20"},
    ),
    case("DEBTOR_OVERDUE_SHARE", NO_FINDING, policy={"overdue_rate_max": "0.20"}),
    case("OVERDUE", OK, due_on=TODAY),
    case("OVERDUE", REFUSED, due_on=in_days(-1)),
    case("TENOR_TOO_SHORT", OK, due_on=in_days(10)),
    case("TENOR_TOO_SHORT", REFUSED, due_on=in_days(9)),
    case("TENOR_TOO_SHORT", REFUSED, due_on=TODAY),
    case("TENOR_TOO_SHORT", NO_FINDING, due_on=in_days(-1)),
    case("TENOR_TOO_LONG", OK, due_on=in_days(90), policy={"tenor_days_max": 90}),
    case("TENOR_TOO_LONG", BLOCKED, due_on=in_days(91), policy={"tenor_days_max": 90}),
    case("INVOICE_TOO_OLD", NO_FINDING, issued_on=in_days(-400)),
    case("INVOICE_TOO_OLD", OK, issued_on=in_days(-21), policy={"invoice_age_days_max": 21}),
    case("INVOICE_TOO_OLD", REFUSED, issued_on=in_days(-22), policy={"invoice_age_days_max": 21}),
    case("ISSUED_LATER", OK, issued_on=TODAY),
    case("ISSUED_LATER", BLOCKED, issued_on=in_days(1)),
    case("DUE_BEFORE_ISSUE", OK, issued_on=in_days(-2), due_on=in_days(-2)),
    case("DUE_BEFORE_ISSUE", BLOCKED, issued_on=in_days(-2), due_on=in_days(-3)),
    case("TERM_ABOVE_LEGAL_CAP", OK, issued_on=in_days(-10), due_on=in_days(50)),
    case("TERM_ABOVE_LEGAL_CAP", WARNING, issued_on=in_days(-10), due_on=in_days(51)),
    # 13 November + 45 days = 28 December, so 31 December; end of November + 45 = 14 January
    case(
        "TERM_ABOVE_LEGAL_CAP",
        OK,
        issued_on=in_days(-10),
        due_on=date(2027, 1, 14),
        terms_code="EOM45_A",
    ),
    case(
        "TERM_ABOVE_LEGAL_CAP",
        WARNING,
        issued_on=in_days(-10),
        due_on=date(2027, 1, 15),
        terms_code="EOM45_A",
    ),
    case("TERM_ABOVE_LEGAL_CAP", OK, due_on=in_days(25), sector_rule="TRANSPORT30"),
    case("TERM_ABOVE_LEGAL_CAP", WARNING, due_on=in_days(26), sector_rule="TRANSPORT30"),
    # delivered six days ago: livestock is due within 20 days of that
    case("TERM_ABOVE_LEGAL_CAP", OK, due_on=in_days(14), sector_rule="LIVESTOCK20"),
    case("TERM_ABOVE_LEGAL_CAP", WARNING, due_on=in_days(15), sector_rule="LIVESTOCK20"),
    case(
        "TERM_ABOVE_LEGAL_CAP",
        NO_FINDING,
        due_on=in_days(15),
        sector_rule="LIVESTOCK20",
        delivered_on=None,
    ),
    case("TERM_ABOVE_LEGAL_CAP", OK, due_on=in_days(25), debtor=public()),
    case("TERM_ABOVE_LEGAL_CAP", WARNING, due_on=in_days(26), debtor=public()),
    case("TERM_ABOVE_LEGAL_CAP", NO_FINDING, debtor=consumer()),
    case("TERM_ABOVE_LEGAL_CAP", NO_FINDING, issued_on=date(2008, 12, 31)),
    case("NOT_AN_INVOICE", OK),
    case("NOT_AN_INVOICE", REFUSED, kind=ReceivableKind.CREDIT_NOTE),
    case("DEPOSIT_INVOICE", OK),
    case("DEPOSIT_INVOICE", REFUSED, type_code="386"),
    case("ALREADY_ASSIGNED", OK),
    case("ALREADY_ASSIGNED", REFUSED, live_assignment=True),
    case("ALREADY_ASSIGNED", REFUSED, type_code="393"),
    case("DUPLICATE_INVOICE", OK),
    case("DUPLICATE_INVOICE", BLOCKED, duplicate=True),
    case("PAYEE_DIFFERS", OK),
    case("PAYEE_DIFFERS", BLOCKED, payee_differs=True),
    case("ASSIGNMENT_RESTRICTED", OK),
    case("ASSIGNMENT_RESTRICTED", WARNING, assignment_clause=AssignmentClause.UNKNOWN),
    *(
        case(
            "ASSIGNMENT_RESTRICTED",
            outcome,
            assignment_clause=AssignmentClause.FORBIDDEN,
            contract_signed_on=signed_on,
        )
        for signed_on, outcome in (
            (date(2019, 4, 25), WARNING),
            (date(2019, 4, 26), BLOCKED),
            (date(2020, 12, 4), BLOCKED),
            (date(2020, 12, 5), WARNING),
            (None, BLOCKED),
        )
    ),
    case(
        "ASSIGNMENT_RESTRICTED",
        BLOCKED,
        assignment_clause=AssignmentClause.FORBIDDEN,
        contract_signed_on=date(2025, 1, 1),
        debtor={"country": "BE"},
    ),
    case("DOC_MISSING", OK, document=DocumentKind.PDF),
    case("DOC_MISSING", BLOCKED, document=DocumentKind.SPREADSHEET),
    case("DOC_MISSING", BLOCKED, document=DocumentKind.MANUAL),
    case("DOC_NOT_STRUCTURED", NO_FINDING, document=DocumentKind.PDF),
    case("DOC_NOT_STRUCTURED", OK, policy={"structured_document_required": True}),
    case(
        "DOC_NOT_STRUCTURED",
        BLOCKED,
        document=DocumentKind.PDF,
        policy={"structured_document_required": True},
    ),
    case("NOT_DELIVERED", OK, delivered_on=TODAY),
    case("NOT_DELIVERED", BLOCKED, delivered_on=in_days(1)),
    case("NOT_DELIVERED", NO_FINDING, delivered_on=None),
    case("DELIVERY_PROOF_MISSING", OK),
    case("DELIVERY_PROOF_MISSING", BLOCKED, has_delivery_proof=False),
    case("DELIVERY_PROOF_MISSING", OK, has_delivery_proof=False, debtor_confirmed=True),
    case(
        "DELIVERY_PROOF_MISSING",
        NO_FINDING,
        has_delivery_proof=False,
        policy={"delivery_proof_required": False},
    ),
    case("DEBTOR_NOT_CONFIRMED", NO_FINDING),
    case("DEBTOR_NOT_CONFIRMED", BLOCKED, policy={"confirmation_required": True}),
    case("DEBTOR_NOT_CONFIRMED", OK, debtor_confirmed=True, policy={"confirmation_required": True}),
    case("ORDER_REFERENCE_MISSING", NO_FINDING),
    case("ORDER_REFERENCE_MISSING", BLOCKED, policy={"order_reference_required": True}),
    case(
        "ORDER_REFERENCE_MISSING",
        OK,
        contract_reference="C-1",
        policy={"order_reference_required": True},
    ),
    case("PARTIAL_BILLING", OK),
    case("PARTIAL_BILLING", REFUSED, progress_billing=True),
    case(
        "PARTIAL_BILLING",
        BLOCKED,
        progress_billing=True,
        policy={"progress_billing_accepted": True},
    ),
    case(
        "PARTIAL_BILLING",
        WARNING,
        progress_billing=True,
        debtor_confirmed=True,
        policy={"progress_billing_accepted": True},
    ),
    case("BILL_NOT_ACCEPTED", NO_FINDING),
    case("BILL_NOT_ACCEPTED", WARNING, product=Product.DISCOUNT),
    case("BILL_NOT_ACCEPTED", OK, product=Product.DISCOUNT, debtor_confirmed=True),
    case("READING_WARNINGS", OK),
    case("READING_WARNINGS", WARNING, warnings=("TOTALS_DO_NOT_ADD_UP",)),
    case("BANK_DETAILS_MISSING", OK),
    case("BANK_DETAILS_MISSING", BLOCKED, assignor={"has_bank_details": False}),
    case("REGISTRATION_EXTRACT_OLD", NO_FINDING),
    *(
        case(
            "REGISTRATION_EXTRACT_OLD",
            outcome,
            assignor={"registration_extract_on": extract_on},
            policy={"registration_extract_days_max": 90},
        )
        for extract_on, outcome in (
            (in_days(-90), OK),
            (in_days(-91), BLOCKED),
            (None, BLOCKED),
        )
    ),
    case("DEBTOR_LIMIT_MISSING", NO_FINDING),
    case("DEBTOR_LIMIT_MISSING", BLOCKED, policy={"limit_required": True}),
    case(
        "DEBTOR_LIMIT_MISSING",
        OK,
        debtor={"credit_limit": euros("1.00")},
        policy={"limit_required": True},
    ),
    case("DEBTOR_LIMIT", NO_FINDING),
    *(
        case(
            "DEBTOR_LIMIT",
            outcome,
            debtor={"credit_limit": euros(limit), "outstanding": euros("45000.00")},
            policy={"over_limit": over_limit},
        )
        for limit, over_limit, outcome in (
            ("55000.00", "cover_part", OK),
            ("54999.99", "cover_part", WARNING),
            ("45000.01", "cover_part", WARNING),
            ("45000.00", "cover_part", BLOCKED),
            ("55000.00", "block", OK),
            ("54999.99", "block", BLOCKED),
            ("45000.00", "warn", WARNING),
        )
    ),
    case("CONCENTRATION", NO_FINDING, policy={"concentration_max": "0.25"}),
    # (15 000 + 10 000) / (90 000 + 10 000) = 25 %
    *(
        case(
            "CONCENTRATION",
            outcome,
            debtor={"outstanding": euros(outstanding)},
            assignor={"outstanding": euros("90000.00")},
            policy={"concentration_max": "0.25"},
        )
        for outstanding, outcome in (
            ("15000.00", OK),
            ("15000.01", WARNING),
            ("24999.99", WARNING),
            ("25000.00", BLOCKED),
        )
    ),
    case("DEBTOR_INSOLVENT", OK),
    case("DEBTOR_INSOLVENT", REFUSED, debtor={"insolvency_opened_on": TODAY}),
    case("DEBTOR_INSOLVENT", OK, debtor={"insolvency_opened_on": in_days(1)}),
    case("SELLER_INSOLVENT", OK),
    case("SELLER_INSOLVENT", REFUSED, assignor={"insolvency_opened_on": TODAY}),
    case("DEBTOR_STRUCK_OFF", OK),
    case("DEBTOR_STRUCK_OFF", REFUSED, debtor={"struck_off": True}),
    case("SELLER_STRUCK_OFF", OK),
    case("SELLER_STRUCK_OFF", REFUSED, assignor={"struck_off": True}),
    case("SELLER_TOO_YOUNG", NO_FINDING, assignor={"months_of_activity": 3}),
    *(
        case(
            "SELLER_TOO_YOUNG",
            outcome,
            assignor={"months_of_activity": months},
            policy={"months_of_activity_min": 12},
        )
        for months, outcome in ((12, OK), (11, REFUSED), (None, NO_FINDING))
    ),
    case("CURRENCY", OK),
    case("CURRENCY", REFUSED, face=Money(10_000_00, "USD")),
    case("NOTHING_ELIGIBLE", OK, paid=euros("9999.99")),
    case("NOTHING_ELIGIBLE", REFUSED, paid=euros("10000.00")),
    case("NOTHING_ELIGIBLE", REFUSED, credited=euros("12000.00")),
    case("NOTHING_ELIGIBLE", NO_FINDING, disputed=euros("10000.00")),
    case("AMOUNT_TOO_SMALL", OK, policy={"amount_min": "10000.00"}),
    case("AMOUNT_TOO_SMALL", REFUSED, policy={"amount_min": "10000.01"}),
    case("AMOUNT_TOO_SMALL", REFUSED, paid=euros("0.01"), policy={"amount_min": "10000.00"}),
    case("AMOUNT_TOO_LARGE", OK, policy={"amount_max": "10000.00"}),
    case("AMOUNT_TOO_LARGE", REFUSED, policy={"amount_max": "9999.99"}),
    case("DISPUTED", OK),
    case("DISPUTED", WARNING, disputed=euros("9999.99")),
    case("DISPUTED", BLOCKED, disputed=euros("10000.00")),
    case("CREDIT_NOTE", OK),
    case("CREDIT_NOTE", WARNING, credited=euros("0.01")),
    case("PART_PAID", OK),
    case("PART_PAID", WARNING, paid=euros("0.01")),
    case("SUBCONTRACT", OK),
    case("SUBCONTRACT", WARNING, subcontracted=euros("0.01")),
    case("RETENTION", OK),
    case("RETENTION", WARNING, retention_rate=Decimal("0.05")),
]


def finding_of(code: str, facts: dict[str, Any]) -> Any:
    asked = a_question(**facts)
    answers = [rule(asked) for rule in RULES]
    found = [answer for answer in answers if answer is not None and answer.code == code]
    return found[0] if found else None


@pytest.mark.parametrize(("code", "outcome", "facts"), BOUNDARIES)
def test_a_rule_turns_exactly_at_its_threshold(code, outcome, facts):
    finding = finding_of(code, facts)

    if outcome is NO_FINDING:
        assert finding is None
        return
    assert finding.outcome is outcome
    if outcome is BLOCKED:
        assert finding.fixable_by in Party
        assert finding.remedy
    if outcome in (OK, REFUSED):
        assert finding.fixable_by is None
        assert finding.remedy is None


def test_every_check_is_tried_on_both_sides():
    tried: dict[str, set[Outcome]] = {}
    for code, outcome, _ in (param.values for param in BOUNDARIES):
        tried.setdefault(code, set()).add(outcome)

    assert set(tried) == {check.code for check in CHECKS}
    assert {code for code, outcomes in tried.items() if OK not in outcomes} == set()
    assert {code for code, outcomes in tried.items() if not outcomes - {OK, NO_FINDING}} == set()
