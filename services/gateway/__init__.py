"""The website: readers' pages and the staff console; calls the services over HTTP and owns no data."""

OWNS: list[str] = []
EMITS: list[str] = []
LISTENS_TO: list[str] = []
