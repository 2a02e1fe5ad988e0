"""Screening: every rule run on one receivable, for one product and one lender's policy."""

from datetime import date

import structlog

from portal.receivables.facts import Dossier
from pricing.eligibility import Assessment, LenderPolicy, assess
from pricing.parameters import LegalParameters, NoLegalValue
from pricing.products.quote import Product

logger = structlog.get_logger()


def screen(
    dossier: Dossier, product: Product, policy: LenderPolicy, *, on: date, law: LegalParameters
) -> Assessment | None:
    """The findings on ``on``; None when the law of that day is not recorded, so that nobody guesses it."""
    try:
        return assess(product, dossier.receivable, dossier.assignor, policy, on, law)
    except NoLegalValue as unknown:
        logger.warning("legal value not recorded", parameter=unknown.name, day=str(unknown.day))
        return None
