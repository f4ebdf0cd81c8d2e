"""One marshmallow contract per event type. Emitters may say nothing else; consumers ignore what they do not know."""

from __future__ import annotations

from shared.events.contracts.common import LANGUAGES
from shared.events.contracts.table import CONTRACTS, contract_of, problems_of

__all__ = ["CONTRACTS", "LANGUAGES", "contract_of", "problems_of"]
