"""Adapters are found by slug; a clash is known at start-up, never a surprise later."""

from datetime import UTC, datetime

import pytest

from partners.lenders.channel import LenderConnection
from partners.lenders.registry import UnknownAdapter, known_adapters, open_lender
from partners.lenders.rest import RestLender
from partners.lenders.workspace import WorkspaceLender

CONNECTION = LenderConnection("a-bank", "http://127.0.0.1:9", ("secret",))
AT = datetime(2026, 11, 23, tzinfo=UTC)


def test_both_ways_of_working_are_known():
    assert known_adapters() == {"rest": RestLender, "workspace": WorkspaceLender}


def test_two_adapters_of_one_name_stop_the_start():
    class Impostor(RestLender):
        pass

    with pytest.raises(ValueError, match="two adapters are called 'rest'"):
        known_adapters(installed=[Impostor])


def test_an_installed_package_adds_its_own():
    class Meridian(RestLender):
        slug = "meridian"

    assert known_adapters(installed=[Meridian])["meridian"] is Meridian


def test_an_unknown_adapter_names_those_that_exist():
    with pytest.raises(UnknownAdapter, match="'fax' is none of rest, workspace"):
        open_lender("fax", CONNECTION, at=lambda: AT)


def test_a_lender_is_opened_by_the_slug_of_its_adapter():
    with_portal = open_lender("workspace", CONNECTION, at=lambda: AT)

    assert isinstance(with_portal, WorkspaceLender)
    with open_lender("rest", CONNECTION, at=lambda: AT) as remote:
        assert isinstance(remote, RestLender)
