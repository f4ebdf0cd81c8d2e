"""Events between services: the envelope, the contracts, the published documents."""

from shared.events.contracts import CONTRACTS, contract_of
from shared.events.envelope import BadEvent, Event, decode, encode

__all__ = ["CONTRACTS", "BadEvent", "Event", "contract_of", "decode", "encode"]
