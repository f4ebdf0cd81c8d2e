"""A private RabbitMQ node from the system's package, alone or clustered on loopback."""

import contextlib
import os
import subprocess
import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Self

import amqp

from deploy.nodes.children import Child, MissingProgram, NodeError, find_program, port_answers
from deploy.nodes.state import State

ADVICE = "install the system package rabbitmq-server, or set KITAPHANA_BROKER_URL to a running broker"
HOST = "localhost"

# A busy node now and then lets the first handshake of a caller pass; nothing has been evaluated then.
UNCONNECTED = "failed to connect"
CONNECTS_WITHIN = 20.0


class Epmd(Child):
    """Erlang's port mapper on a port of our own, so that no other node of this machine is met."""

    def __init__(self, folder: Path, state: State) -> None:
        super().__init__("epmd", folder)
        self._state = state

    @property
    def port(self) -> int:
        return self._state.port("epmd")

    def choose_ports(self) -> None:
        self._state.renew_taken_ports("epmd")

    def command(self) -> list[str]:
        program = find_program(["epmd"], ["/usr/lib/erlang/bin", "/usr/lib64/erlang/bin"], ADVICE)
        return [str(program), "-port", str(self.port), "-address", "127.0.0.1"]

    def ready(self) -> bool:
        return port_answers(self.port)


class RabbitNode(Child):
    """`with RabbitNode(folder) as node: connect(node.url)`. The folder keeps ports, password and messages.

    For a cluster give the later nodes `beside=first` and call `join(first)` once each has started.
    """

    stop_within = 20.0

    def __init__(self, folder: Path | str, name: str = "kitaphana", beside: "RabbitNode | None" = None) -> None:
        super().__init__("rabbitmq", folder)
        self.node = f"{name}@{HOST}"
        self._state = State(self.folder / "node.json")
        self._first = beside or self
        self.epmd: Epmd = beside.epmd if beside else Epmd(self.folder, self._state)

    @property
    def port(self) -> int:
        return self._state.port("amqp")

    @property
    def url(self) -> str:
        """amqp://user:password@host:port/vhost, the same for kombu and pika (the vhost has a name)."""
        return self.url_of("kitaphana")

    def url_of(self, vhost: str) -> str:
        return f"amqp://kitaphana:{self._first._state.secret('password')}@127.0.0.1:{self.port}/{vhost}"

    def spawn(self) -> None:
        if not self.epmd.running:
            self.epmd.start()
        super().spawn()

    def stop(self) -> None:
        super().stop()
        if self._first is self:
            self.epmd.stop()

    def ready(self) -> bool:
        """A whole AMQP handshake, to the opened vhost."""
        connection = amqp.Connection(
            host=f"127.0.0.1:{self.port}",
            userid="kitaphana",
            password=self._first._state.secret("password"),
            virtual_host="kitaphana",
            connect_timeout=2,
            read_timeout=5,
        )
        with contextlib.suppress(OSError, amqp.AMQPError):
            connection.connect()
            connection.close()
            return True
        return False

    def join(self, other: "RabbitNode") -> Self:
        """Forgets what this node holds and makes it a member of `other`'s cluster."""
        self.evaluate(
            f"rabbit:stop(), ok = rabbit_mnesia:join_cluster('{other.node}', disc), ok = rabbit:start(), joined.",
            expect="joined",
        )
        return self

    def add_vhost(self, name: str) -> str:
        """Makes a vhost and returns its URL; a few tens of milliseconds."""
        self.evaluate(
            f'ok = rabbit_vhost:add(<<"{name}">>, <<"kitaphana">>), '
            f'ok = rabbit_auth_backend_internal:set_permissions(<<"kitaphana">>, <<"{name}">>, '
            '<<".*">>, <<".*">>, <<".*">>, <<"kitaphana">>), added.',
            expect="added",
        )
        return self.url_of(name)

    def drop_vhost(self, name: str) -> None:
        self.evaluate(f'rabbit_vhost:delete(<<"{name}">>, <<"kitaphana">>), dropped.', expect="dropped")

    def settle(self) -> None:
        """Writes Ra's names of new quorum queues to disk, which it does some seconds late by itself.

        RabbitMQ 3.10 killed before that starts again with the queue listed but for ever without a leader:
        every publish is nacked. Call it between declaring queues and a kill that is meant to be survived.
        """
        self.evaluate("lists:foreach(fun dets:sync/1, dets:all()), settled.", expect="settled")

    def members(self) -> int:
        """How many nodes of the cluster are running, as this one sees it."""
        return int(self.evaluate("length(rabbit_nodes:all_running())."))

    def evaluate(self, expression: str, expect: str | None = None) -> str:
        """The value of an Erlang expression in the running node, as text."""
        done = self._asked(expression)
        give_up = time.monotonic() + CONNECTS_WITHIN
        while UNCONNECTED in done.stderr and time.monotonic() < give_up:
            time.sleep(0.2)
            done = self._asked(expression)
        value = done.stdout.strip().removeprefix("{ok, ").removesuffix("}")
        if done.returncode or (expect is not None and value != expect):
            answer = f"{done.stdout.strip()} {done.stderr.strip()}"
            raise NodeError(f"{self.node} refused {expression!r}: {answer}")
        return value

    def _asked(self, expression: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._erl_call, "-sname", self.node, "-e"],
            input=f"{expression}\n",
            env=dict(self.environment()),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def choose_ports(self) -> None:
        self._state.renew_taken_ports("amqp", "distribution")

    def prepare(self) -> None:
        password, cookie = self._first._state.secret("password"), self._first._state.secret("cookie")
        self._write_cookie(cookie)
        (self.folder / "enabled_plugins").write_text("[].\n")
        settings = self.folder / "rabbitmq.conf"
        settings.touch(mode=0o600)
        settings.write_text(
            f"default_user = kitaphana\ndefault_pass = {password}\ndefault_vhost = kitaphana\n"
            "log.console = true\nlog.console.level = warning\nlog.file = false\n"
        )

    def _write_cookie(self, cookie: str) -> None:
        path = self.folder / ".erlang.cookie"
        if not path.exists() or path.read_text() != cookie:
            path.unlink(missing_ok=True)
            path.touch(mode=0o600)
            path.write_text(cookie)
            path.chmod(0o400)

    def command(self) -> list[str]:
        # /usr/sbin/rabbitmq-server would change to the system's own account and folders; these do not.
        places = ["/usr/lib/rabbitmq/bin", "/usr/lib/rabbitmq/lib/*/sbin", "/opt/rabbitmq/sbin"]
        return [str(find_program(["rabbitmq-server"], places, ADVICE))]

    def environment(self) -> Mapping[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("RABBITMQ_")}
        return inherited | {
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "ERL_EPMD_PORT": str(self.epmd.port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            # Makes the start script become the Erlang process itself, so that a signal meets no shell.
            "RUNNING_UNDER_SYSTEMD": "true",
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._state.port("distribution")),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        }

    @cached_property
    def _erl_call(self) -> list[str]:
        places = [
            "/usr/lib/erlang/bin",
            "/usr/lib/erlang/lib/erl_interface-*/bin",
            "/usr/lib64/erlang/lib/erl_interface-*/bin",
        ]
        try:
            return [str(find_program(["erl_call"], places, ADVICE))]
        except MissingProgram:
            raise MissingProgram(
                "erl_call is not installed: install the system package erlang-base (erl_interface)"
            ) from None
