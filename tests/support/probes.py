"""Small clients that ask a node whether it keeps its promises."""

import time

import pika
import pika.exceptions

QUORUM = {"x-queue-type": "quorum"}
PATIENCE = 30


def publish(url: str, queue: str, *bodies: bytes, members: int = 1) -> None:
    """Each body confirmed by the broker and kept on disk; raises when one is not within 30 s."""
    for body in bodies:
        _publish_until_confirmed(url, queue, body, members)


def _publish_until_confirmed(url: str, queue: str, body: bytes, members: int) -> None:
    """A queue between two leaders nacks, and that channel does so for good: offer it on a new one."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with pika.BlockingConnection(pika.URLParameters(url)) as connection:
            try:
                _publish(connection.channel(), queue, body, members)
                return
            except pika.exceptions.NackError:
                if time.monotonic() > deadline:
                    raise
            connection.process_data_events(time_limit=0.3)


def _publish(channel: pika.adapters.blocking_connection.BlockingChannel, queue: str, body: bytes, members: int) -> None:
    arguments = QUORUM | {"x-quorum-initial-group-size": members}
    channel.queue_declare(queue, durable=True, arguments=arguments)
    channel.confirm_delivery()
    channel.basic_publish("", queue, body, pika.BasicProperties(delivery_mode=2), mandatory=True)


def take_all(url: str, queue: str, count: int) -> list[bytes]:
    """`count` different messages in order of arrival, acknowledged; waits for each up to 30 s."""
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        taken: list[bytes] = []
        for method, _, body in channel.consume(queue, inactivity_timeout=PATIENCE):
            if method is None:
                break
            channel.basic_ack(method.delivery_tag)
            if body not in taken:
                taken.append(body)
            if len(taken) == count:
                break
        channel.cancel()
        return taken
