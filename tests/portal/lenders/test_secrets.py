"""Lenders' secrets at rest."""

import pytest

from portal.lenders.keys import SecretUnreadable, keep_keys, keys_of
from portal.lenders.models import LenderSecret, RateCard
from tests.builders.funding import (
    a_lender_with_card,
)
from tests.conftest import NOW


class TestSecrets:
    def test_a_lenders_secret_is_not_stored_in_clear(self, session, settings):
        lender, _ = a_lender_with_card(session)
        keep_keys(session, settings, lender.id, outgoing="outgoing", webhooks=["hook"], at=NOW)

        stored = session.get_one(LenderSecret, lender.id)

        assert "outgoing" not in stored.outgoing_key
        assert keys_of(session, settings, lender.id).webhooks == ("hook",)

    def test_another_installations_secret_is_unreadable(self, session, settings):
        lender, card = a_lender_with_card(session)
        keep_keys(session, settings, lender.id, outgoing="outgoing", webhooks=[], at=NOW)
        session.get_one(LenderSecret, lender.id).outgoing_key = "gAAAAA-not-ours"

        with pytest.raises(SecretUnreadable):
            keys_of(session, settings, lender.id)
        assert session.get_one(RateCard, card.id).activated_at == NOW
