"""What the tests of security share with those of the connectors."""

from tests.connectors.conftest import crm, landing, postgres

__all__ = ["crm", "landing", "postgres"]
