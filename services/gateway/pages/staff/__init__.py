"""The staff console, a blueprint for each part of it."""

from services.gateway.pages.staff import home

BLUEPRINTS = (home.staff_home,)
