"""HTTP in: load, call one use case, dump."""

from services.notify.routes.announcements import announcements
from services.notify.routes.console import console
from services.notify.routes.failed import failures
from services.notify.routes.notices import notices
from services.notify.routes.preferences import preferences
from services.notify.routes.releases import releases

BLUEPRINTS = [announcements, preferences, console, releases, failures, notices]
