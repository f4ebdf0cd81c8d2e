"""HTTP in: load, call one use case, dump."""

from flask_smorest import Blueprint

BLUEPRINTS: list[Blueprint] = []
