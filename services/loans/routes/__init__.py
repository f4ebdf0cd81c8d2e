"""HTTP in: load, call one use case, dump."""

from services.loans.routes import calendars, desk, files, renewals, works

BLUEPRINTS = [works.works, desk.loans, files.files, renewals.renewals, calendars.calendars]
