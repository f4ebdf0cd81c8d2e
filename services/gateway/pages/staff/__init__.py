"""The staff console, a blueprint for each part of it."""

from services.gateway.pages.staff import calls, desk, home, loans, messages, readers, returns, stuck

BLUEPRINTS = (
    home.staff_home,
    readers.readers,
    loans.loans,
    desk.desk_pages,
    returns.returns,
    calls.calls,
    messages.messages,
    stuck.stuck,
)
