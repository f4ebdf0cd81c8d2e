"""nginx in front of all services: one address, told apart by the first path segment."""

import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from deploy.nodes.accounts import private_folder, unprivileged
from deploy.nodes.children import Child, find_program, port_answers
from services.gateway.security import HEADERS, TWO_YEARS

ADVICE = "install the system package nginx, or set KITAPHANA_NGINX to its program"
TEMPLATES = Path(__file__).parent.parent / "proxy"


@dataclass(frozen=True)
class Routes:
    """Who answers what. `segments`: service -> first segments after /api/v1/; `upstreams`: service -> URL.

    `speaker` answers /healthz, /readyz, /metrics, /openapi.json for all, `rest` all else (None: 404).
    """

    segments: Mapping[str, Sequence[str]]
    upstreams: Mapping[str, str]
    speaker: str
    rest: str | None = None


@dataclass(frozen=True)
class Limits:
    """Per address: requests a second and how many at once beyond, sign-ins and other guesses a minute, connections.

    Generous, because a school or a library is one address for many people; the services count tries by login and card.
    `free`: networks that are not counted.
    """

    requests: int = 50
    burst: int = 400
    guesses: int = 60
    connections: int = 200
    free: Sequence[str] = ("127.0.0.0/8", "::1")


@dataclass(frozen=True)
class Tls:
    """Files in PEM; plain HTTP on `redirect_port`, if any, is sent on to HTTPS."""

    certificate: Path
    key: Path
    redirect_port: int | None = None


PAGE = (
    '<!doctype html><html lang="kk"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<title>Kitaphana</title><h1>{}</h1><p lang="ru">{}</p><p lang="en">{}</p></html>'
)


class Proxy(Child):
    """`with Proxy(folder, port, routes): …`; as root its processes run as www-data or nobody."""

    stop_signal = signal.SIGTERM
    ready_within = 15.0

    def __init__(
        self,
        folder: Path | str,
        port: int,
        routes: Routes,
        host: str = "127.0.0.1",
        tls: Tls | None = None,
        limits: Limits | None = None,
    ) -> None:
        super().__init__("proxy", folder, unprivileged("www-data"))
        self.host, self.port, self.routes = host, port, routes
        self.tls, self.limits = tls, limits or Limits()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"

    def ready(self) -> bool:
        return port_answers(self.port)

    def prepare(self) -> None:
        self._place = private_folder(self.folder / "nginx", self.account)
        (self._place / "nginx.conf").write_text(self.configuration(self._place))

    def configuration(self, place: Path) -> str:
        templates = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined)  # noqa: S701
        known = self.routes.upstreams
        return templates.get_template("nginx.conf.j2").render(
            place=place,
            host=self.host,
            port=self.port,
            segments={service: names for service, names in self.routes.segments.items() if service in known},
            upstreams={service: urlsplit(url).netloc for service, url in known.items()},
            speaker=self.routes.speaker,
            rest=self.routes.rest if self.routes.rest in known else None,
            tls=self.tls,
            limits=self.limits,
            page=PAGE.format,
            headers=HEADERS,
            two_years=TWO_YEARS,
        )

    def working_folder(self) -> Path:
        return self._place

    def command(self) -> list[str]:
        named = os.environ.get("KITAPHANA_NGINX")
        program = named or str(find_program(["nginx"], ["/usr/sbin", "/usr/local/sbin"], ADVICE))
        return [program, "-e", "stderr", "-p", str(self._place), "-c", str(self._place / "nginx.conf")]
