"""The sandbox and the listener that stands for the portal, as for the lenders' tests."""

from tests.partners.lenders.conftest import portal, sandbox

__all__ = ["portal", "sandbox"]
