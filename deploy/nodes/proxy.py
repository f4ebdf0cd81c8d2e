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
    """Per address: requests a second and how many at once beyond, sign-ins and other guesses a minute, connections,
    files on their way in.

    Generous, because a school or a library is one address for many people; the services count tries by login and card.
    `patience`: seconds without a byte of a request, or with none of an answer taken, until a connection is closed.
    `free`: networks that are not counted; `insiders`: those that may read the metrics.
    """

    requests: int = 50
    burst: int = 400
    guesses: int = 60
    connections: int = 200
    files: int = 8
    patience: int = 20
    free: Sequence[str] = ("127.0.0.0/8", "::1")
    insiders: Sequence[str] = ("127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")


@dataclass(frozen=True)
class Tls:
    """Files in PEM; plain HTTP on `redirect_port`, if any, is sent on to HTTPS."""

    certificate: Path
    key: Path
    redirect_port: int | None = None


CIPHERS = ":".join(
    f"ECDHE-{key}-{cipher}"
    for cipher in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")
    for key in ("ECDSA", "RSA")
)
"""Of TLS 1.2: those with forward secrecy and no blocks to pad, as Mozilla's intermediate profile has them."""
PAGE = (
    '<!doctype html><html lang="kk"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<title>Kitaphana</title><h1>{}</h1><p lang="ru">{}</p><p lang="en">{}</p><p><a href="/">Kitaphana</a></p></html>'
)


def _said(title: str, detail: str, kk: str, ru: str, en: str) -> Mapping[str, str]:
    return {"title": title, "detail": detail, "kk": kk, "ru": ru, "en": en}


IMPOSSIBLE = ("Мұнда бұл мүмкін емес.", "Здесь это невозможно.", "This is not possible here.")
TROUBLES = {
    "default": _said(
        "Not found",
        "There is nothing at this address.",
        "Мұндай бет жоқ.",
        "Такой страницы нет.",
        "There is no such page.",
    ),
    "400": _said(
        "Bad request",
        "The request is no HTTP that can be read, or its headers are too large.",
        "Сұрауды оқу мүмкін болмады. Браузердегі осы сайттың cookie файлдарын өшіріп, қайта ашып көріңіз.",
        "Запрос не удалось прочитать. Удалите в браузере файлы cookie этого сайта и откройте его снова.",
        "The request could not be read. Delete this site’s cookies in the browser and open it again.",
    ),
    "405": _said("Not possible here", "This method is not taken.", *IMPOSSIBLE),
    "413": _said(
        "Content too large",
        "A body may have up to 2 MB, a file to be imported up to 64 MB: send it in parts.",
        "Жіберілгені тым үлкен: файлдың көлемі 64 МБ-тан аспауы керек.",
        "Отправлено слишком много: файл может быть не больше 64 МБ.",
        "That was too much at once: a file may have up to 64 MB.",
    ),
    "414": _said(
        "URI too long",
        "The address is too long.",
        "Мекенжай тым ұзын.",
        "Адрес слишком длинный.",
        "The address is too long.",
    ),
    "500": _said(
        "Internal error",
        "This is our fault: try again in a moment.",
        "Бірдеңе дұрыс болмады. Сәл кейінірек қайталап көріңіз.",
        "Что-то пошло не так. Повторите чуть позже.",
        "Something went wrong. Try again a little later.",
    ),
    "501": _said("Not implemented", "This way of sending a body is not taken.", *IMPOSSIBLE),
    "505": _said("HTTP version not supported", "HTTP/1.1 and HTTP/2 are spoken here.", *IMPOSSIBLE),
}
"""What the proxy says itself, by status: to programs in a title and a sentence, to people in three languages."""


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
            troubles=TROUBLES,
            ciphers=CIPHERS,
            headers=HEADERS,
            two_years=TWO_YEARS,
        )

    def working_folder(self) -> Path:
        return self._place

    def command(self) -> list[str]:
        named = os.environ.get("KITAPHANA_NGINX")
        program = named or str(find_program(["nginx"], ["/usr/sbin", "/usr/local/sbin"], ADVICE))
        return [program, "-e", "stderr", "-p", str(self._place), "-c", str(self._place / "nginx.conf")]
