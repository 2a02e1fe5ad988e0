"""Every table of the product, for migrations: importing this module declares them all."""

# ruff: noqa: F401

import portal.assignments.models
import portal.audit.models
import portal.brokers.models
import portal.collections.answers.models
import portal.collections.chasing.models
import portal.collections.debtor_page.models
import portal.collections.dunning.models
import portal.collections.evidence.models
import portal.collections.legal.models
import portal.collections.models
import portal.debtors.models
import portal.documents.models
import portal.funding.models
import portal.identity.models
import portal.ledger.models
import portal.lenders.models
import portal.messages.models
import portal.payments.models
import portal.quotes.models
import portal.receivables.models
import portal.settlement.models
from portal.db import Base

metadata = Base.metadata
