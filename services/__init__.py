"""The services of Kitaphana. None imports another; `services/__main__.py` lists them."""
