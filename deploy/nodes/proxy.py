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


class Proxy(Child):
    """`with Proxy(folder, port, routes): …`; as root its processes run as www-data or nobody."""

    stop_signal = signal.SIGTERM
    ready_within = 15.0

    def __init__(self, folder: Path | str, port: int, routes: Routes, host: str = "127.0.0.1") -> None:
        super().__init__("proxy", folder, unprivileged("www-data"))
        self.host, self.port, self.routes = host, port, routes

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

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
        )

    def working_folder(self) -> Path:
        return self._place

    def command(self) -> list[str]:
        named = os.environ.get("KITAPHANA_NGINX")
        program = named or str(find_program(["nginx"], ["/usr/sbin", "/usr/local/sbin"], ADVICE))
        return [program, "-e", "stderr", "-p", str(self._place), "-c", str(self._place / "nginx.conf")]
