"""The fault campaign: processes, broker and database are killed while quarantines come, change and go."""
