"""What comes back by the clock."""

from services.notify.bounces import read_returned
from services.notify.delivery import deliver, measure
from services.notify.people import come_of_age
from services.notify.reopenings import start_due
from shared.service import Context
from shared.ticks import Tick


def write_to_the_grown(context: Context) -> None:
    with context.database.transaction() as session:
        come_of_age(session)


TICKS = (
    Tick("delivery", 1.0, deliver, woken=True),
    Tick("reopening notices", 600.0, start_due),
    Tick("waiting deliveries", 15.0, measure),
    Tick("returned mail", 15.0, read_returned),
    Tick("coming of age", 3600.0, write_to_the_grown),
)
