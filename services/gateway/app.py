"""The site's Flask app, put together."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from services.gateway import asking, assets, compression, doors, errors, public_lists, security, sessions, words
from services.gateway.pages import BLUEPRINTS
from services.gateway.templating import Pages
from shared.app import Plain, follow_requests
from shared.front import speak_for_all
from shared.peers import Peers
from shared.settings import Settings

LARGEST_FORM = 64 * 1024
MOST_ADDRESSES = 4096


def _addresses(app: Flask) -> Callable[..., str]:
    """`url_for` that works an address out once: every page names a score of them."""

    @lru_cache(MOST_ADDRESSES)
    def known(endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
        return app.url_for(endpoint, **dict(values))

    def url_for(endpoint: str, **values: Any) -> str:
        if all(isinstance(value, str) for value in values.values()):
            return known(endpoint, tuple(values.items()))
        return app.url_for(endpoint, **values)

    return url_for


def create_app(settings: Settings, peers: Peers) -> Flask:
    """The app that answers for every path no service owns. Raises RuntimeError for a page that has no door."""
    app = Plain("services.gateway", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_FORM, MAX_FORM_MEMORY_SIZE=LARGEST_FORM, PROPAGATE_EXCEPTIONS=False)
    app.jinja_environment = Pages  # type: ignore[assignment]
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    compression.install(app)
    follow_requests(app, "gateway")
    security.install(app, settings)
    sessions.install(app, settings)
    words.install(app, settings)
    asking.install(app, settings, peers)
    assets.install(app)
    public_lists.install(app)
    doors.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    speak_for_all(app, peers)
    errors.install(app)
    doors.require_everywhere(app)
    app.jinja_env.globals["url_for"] = _addresses(app)
    if settings.trust_proxies:
        trusted = settings.trust_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted, x_host=trusted)  # type: ignore[method-assign]
    return app
