"""The staff console, a blueprint for each part of it."""

from services.gateway.pages.staff import (
    change,
    declare,
    desk,
    home,
    loans,
    practice,
    quarantine,
    quarantines,
    readers,
    returns,
)

BLUEPRINTS = (
    home.staff_home,
    quarantines.quarantines,
    quarantine.quarantine,
    change.change,
    declare.declare,
    practice.practice,
    readers.readers,
    loans.loans,
    desk.desk_pages,
    returns.returns,
)
