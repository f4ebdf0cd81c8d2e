"""What comes back by the clock."""

from services.notify.bounces import read_returned
from services.notify.delivery import deliver, measure
from services.notify.reopenings import start_due
from shared.ticks import Tick

TICKS = (
    Tick("delivery", 1.0, deliver, woken=True),
    Tick("reopening notices", 600.0, start_due),
    Tick("waiting deliveries", 15.0, measure),
    Tick("returned mail", 15.0, read_returned),
)
