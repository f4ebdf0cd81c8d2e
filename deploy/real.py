"""`make real`: RabbitMQ, PostgreSQL and one process per role of the Procfile behind one address (`PORT`).

Broker and database are private nodes under KITAPHANA_HOME, unless KITAPHANA_BROKER_URL and
KITAPHANA_DATABASE_URL name others. `kitaphana migrate` runs first, alone; then the roles, whose logs are in
KITAPHANA_HOME/logs. With KITAPHANA_TLS_CERTIFICATE and KITAPHANA_TLS_KEY (files in PEM that the proxy's account may
read) the address speaks TLS and HTTP/2.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import urllib3
from honcho.environ import parse_procfile

from deploy.nodes import Child, NodeError, PostgresNode, Proxy, RabbitNode, Routes, Tls, free_port
from deploy.nodes.children import port_is_free
from deploy.supervisor import Role, Supervisor, say

PROCFILE = Path(__file__).parent / "Procfile"
SEGMENTS = {
    "accounts": ("tokens", "readers", "staff"),
    "quarantines": ("branches", "quarantines"),
    "loans": ("loans", "renewals", "calendars", "works"),
    "quizzes": ("quizzes",),
    "notify": ("notices", "announcements"),
}
GATEWAY = "gateway"


@dataclass(frozen=True)
class Plan:
    """What runs: nodes to start first, and the variables that tell every role where things are."""

    home: Path
    port: int
    nodes: list[Child] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    tls: Tls | None = None


class WebRole(Role):
    """A role that answers HTTP on its own port; ready when it says it is alive."""

    def __init__(self, name: str, folder: Path, line: str, variables: Mapping[str, str], port: int) -> None:
        super().__init__(name, folder, line, {**variables, "PORT": str(port)})
        self.url = f"http://127.0.0.1:{port}"

    def ready(self) -> bool:
        try:
            return urllib3.request("GET", f"{self.url}/healthz", timeout=2, retries=False).status == 200
        except urllib3.exceptions.HTTPError:
            return False


def plan() -> Plan:
    home = Path(os.environ.get("KITAPHANA_HOME", "var")).resolve()
    made = Plan(home, int(os.environ.get("PORT", "8080")), tls=_tls())
    if not port_is_free(made.port):
        raise NodeError(f"port {made.port} of 127.0.0.1 is taken: stop what listens there, or set PORT")
    made.variables.update(KITAPHANA_HOME=str(home), KITAPHANA_FOOTING="real", KITAPHANA_TRUST_PROXIES="1")
    if made.tls and "KITAPHANA_PUBLIC_URL" not in os.environ:
        made.variables["KITAPHANA_PUBLIC_URL"] = f"https://127.0.0.1:{made.port}"
    if "KITAPHANA_BROKER_URL" not in os.environ:
        rabbit = RabbitNode(home / "nodes" / "rabbitmq")
        made.nodes.extend([rabbit.epmd, rabbit])
    if "KITAPHANA_DATABASE_URL" not in os.environ:
        made.nodes.append(PostgresNode(home / "nodes" / "postgresql"))
    return made


def _tls() -> Tls | None:
    certificate, key = (os.environ.get(f"KITAPHANA_TLS_{name}", "") for name in ("CERTIFICATE", "KEY"))
    if bool(certificate) != bool(key):
        raise NodeError("KITAPHANA_TLS_CERTIFICATE and KITAPHANA_TLS_KEY go together: set both or neither")
    return Tls(Path(certificate).resolve(), Path(key).resolve()) if certificate else None


def announce_nodes(made: Plan) -> None:
    for node in made.nodes:
        if isinstance(node, RabbitNode):
            made.variables["KITAPHANA_BROKER_URL"] = node.url
        if isinstance(node, PostgresNode):
            made.variables["KITAPHANA_DATABASE_URL"] = node.url


def migrate(made: Plan) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "services", "migrate"],
        env=os.environ | made.variables,
        cwd=PROCFILE.parent.parent,
        check=False,
    )
    if done.returncode:
        raise NodeError("kitaphana migrate failed (its reason stands above)")


def roles(made: Plan) -> list[Role]:
    """Every role gets a port of its own, for its service or for a worker's health and metrics; all learn them."""
    lines = parse_procfile(PROCFILE.read_text()).processes
    ports: dict[str, int] = {}
    for name in lines:
        # The proxy starts last: nobody may sit down at its port before.
        ports[name] = free_port([made.port, *ports.values()])
    # The gateway asks the others; nobody asks it.
    peers = {_peer(name): f"http://127.0.0.1:{port}" for name, port in ports.items() if name != f"{GATEWAY}-web"}
    variables = made.variables | {"KITAPHANA_PEERS": json.dumps(peers)}
    return [_role(name, line, made.home / "logs", variables, ports[name]) for name, line in lines.items()]


def _peer(role: str) -> str:
    """`loans` for the role loans-web, `loans.work` for loans-work."""
    return role.removesuffix("-web").replace("-work", ".work")


def _role(name: str, line: str, logs: Path, variables: Mapping[str, str], port: int) -> Role:
    if name.endswith("-web"):
        return WebRole(name, logs, line, variables, port)
    return Role(name, logs, line, {**variables, "KITAPHANA_WORK_PORT": str(port)})


def proxy(made: Plan, started: list[Role]) -> Proxy:
    upstreams = {role.name.removesuffix("-web"): role.url for role in started if isinstance(role, WebRole)}
    routes = Routes(SEGMENTS, upstreams, GATEWAY, rest=GATEWAY)
    return Proxy(made.home / "nodes" / "proxy", made.port, routes, tls=made.tls)


def run(supervisor: Supervisor) -> None:
    made = plan()
    say("starting RabbitMQ and PostgreSQL" if made.nodes else "using the broker and database that were named")
    supervisor.start(made.nodes)
    announce_nodes(made)
    migrate(made)
    started = roles(made)
    supervisor.start(started)
    front = proxy(made, started)
    supervisor.start([front])
    say(f"Kitaphana is up at {front.url}; logs in {made.home / 'logs'}; Ctrl-C ends it")
    supervisor.watch()


def main() -> int:
    supervisor = Supervisor()
    try:
        run(supervisor)
    except KeyboardInterrupt:
        say("asked to end before everything was up")
        return 130
    except NodeError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        supervisor.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
