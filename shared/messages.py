"""Titles of problems (RFC 9457) by HTTP status, as message ids of the catalogs."""

TITLES = {
    400: "Request not understood",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Not possible here",
    409: "Conflict",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Wrong type",
    422: "Please correct this",
    429: "Too many tries",
    500: "Something went wrong",
    503: "A part of the system is not answering",
}
