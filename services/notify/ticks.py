"""What comes back by the clock."""

from services.notify.bounces import read_returned
from services.notify.delivery import deliver
from shared.ticks import Tick

TICKS = (
    Tick("delivery", 1.0, deliver, woken=True),
    Tick("returned mail", 15.0, read_returned),
)
