"""The staff console, a blueprint for each part of it."""

from services.gateway.pages.staff import (
    branches,
    calls,
    desk,
    home,
    imports,
    loans,
    log,
    messages,
    papers,
    people,
    questions,
    readers,
    report,
    returns,
    stuck,
)

BLUEPRINTS = (
    home.staff_home,
    readers.readers,
    loans.loans,
    desk.desk_pages,
    returns.returns,
    calls.calls,
    messages.messages,
    stuck.stuck,
    imports.imports,
    branches.branch_pages,
    people.people,
    papers.papers,
    report.report,
    log.log,
    questions.questions,
)
