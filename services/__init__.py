"""The services of Kitaphana. None imports another; `services/__main__.py` is the one place that lists them."""
