"""HTTP in: load, call one use case, dump."""

from services.loans.routes import calendars, decisions, desk, files, renewals, works

BLUEPRINTS = [works.works, decisions.decisions, desk.loans, files.files, renewals.renewals, calendars.calendars]
