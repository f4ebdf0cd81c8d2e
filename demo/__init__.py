"""The sample library and the demonstration that closes it."""
