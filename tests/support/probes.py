"""Small clients that ask a node whether it keeps its promises."""

import time

import pika
import pika.exceptions
from pika.adapters.blocking_connection import BlockingChannel

QUORUM = {"x-queue-type": "quorum"}


def publish(url: str, queue: str, *bodies: bytes, members: int = 1) -> None:
    """Each body confirmed by the broker and kept on disk; raises when one is not."""
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        arguments = QUORUM | {"x-quorum-initial-group-size": members}
        channel.queue_declare(queue, durable=True, arguments=arguments)
        channel.confirm_delivery()
        for body in bodies:
            _publish_until_confirmed(channel, queue, body)


def _publish_until_confirmed(channel: BlockingChannel, queue: str, body: bytes) -> None:
    """A quorum queue without a leader, just after a restart, answers nack: then it is offered again."""
    deadline = time.monotonic() + 30
    while True:
        try:
            channel.basic_publish("", queue, body, pika.BasicProperties(delivery_mode=2), mandatory=True)
            return
        except pika.exceptions.NackError:
            if time.monotonic() > deadline:
                raise
            channel.connection.process_data_events(time_limit=0.2)


def take_all(url: str, queue: str, count: int) -> list[bytes]:
    """`count` different messages in order of arrival, acknowledged; waits for each up to 30 s."""
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        taken: list[bytes] = []
        for method, _, body in channel.consume(queue, inactivity_timeout=30):
            if method is None:
                break
            channel.basic_ack(method.delivery_tag)
            if body not in taken:
                taken.append(body)
            if len(taken) == count:
                break
        channel.cancel()
        return taken
