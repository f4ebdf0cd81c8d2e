"""What a browser may do with our pages: nothing of others, no inline script or style, no framing."""

from __future__ import annotations

from flask import Flask, Response, request

from shared.settings import Settings

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # A private link carries its secret in the path: no other site may learn it.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
FOUND_BY_SEARCH = frozenset(
    {
        *("home.front", "home.no_pin_no_card", "home.accessibility", "account.privacy", "renewal.form"),
        *("quizzes.listed", "quizzes.one", "asset"),
    }
)
"""What search engines may list; all else is somebody's own, like the page behind a private link, or a way to it."""
TWO_YEARS = "max-age=63072000; includeSubDomains"


def behind_tls(settings: Settings) -> bool:
    return settings.base_url().startswith("https:")


def install(app: Flask, settings: Settings) -> None:
    headers = HEADERS | ({"Strict-Transport-Security": TWO_YEARS} if behind_tls(settings) else {})

    @app.after_request
    def protect(response: Response) -> Response:
        if request.endpoint not in FOUND_BY_SEARCH:
            response.headers["X-Robots-Tag"] = "noindex"
        said = {name.lower() for name, _ in response.headers}
        response.headers.extend([(name, value) for name, value in headers.items() if name.lower() not in said])
        return response
