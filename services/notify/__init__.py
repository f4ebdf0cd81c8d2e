"""Notices to readers, over every channel."""
