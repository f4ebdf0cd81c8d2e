"""What tests stand on: real nodes shared by all workers, and a mail server that can be told to fail."""
