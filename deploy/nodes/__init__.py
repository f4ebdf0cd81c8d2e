"""Private RabbitMQ, PostgreSQL and nginx on free loopback ports, startable by any user, root included."""

from deploy.nodes.children import Child, MissingProgram, NodeError, free_port
from deploy.nodes.postgresql import PostgresNode
from deploy.nodes.proxy import Limits, Proxy, Routes, Tls
from deploy.nodes.rabbitmq import RabbitNode

__all__ = [
    "Child",
    "Limits",
    "MissingProgram",
    "NodeError",
    "PostgresNode",
    "Proxy",
    "RabbitNode",
    "Routes",
    "Tls",
    "free_port",
]
