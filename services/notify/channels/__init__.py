"""Outside channels behind one small interface: an adapter sends parcels, one at a time, and says what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from services.notify.channels.email import open_email
from services.notify.channels.parcel import Parcel
from services.notify.results import Result
from shared.settings import Settings

__all__ = ["ADAPTERS", "Channel", "Parcel"]


class Channel(Protocol):
    """Sends parcels over one kept connection. `send` never raises for what the other side does."""

    def ready(self) -> bool:
        """Whether the other side answers."""

    def send(self, parcel: Parcel) -> Result: ...

    def close(self) -> None: ...


ADAPTERS: dict[str, Callable[[Settings], Channel]] = {"email": open_email}
