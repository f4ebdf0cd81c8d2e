"""Notices to readers: what is said, in which words, over which channel."""
