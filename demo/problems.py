"""What can go wrong in the demonstration, in words for whoever started it."""


class DemoError(Exception):
    """Stops the demonstration; its text is the one line that is printed."""
