"""The staff console, a blueprint for each part of it."""

from services.gateway.pages.staff import desk, home, loans, readers, returns

BLUEPRINTS = (home.staff_home, readers.readers, loans.loans, desk.desk_pages, returns.returns)
