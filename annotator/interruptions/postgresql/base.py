"""The database backend of a service on PostgreSQL: Django loads `DatabaseWrapper` by this name."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's backend, whose health check is a look at the socket instead of a query.

    Django checks a kept connection before each request (CONN_HEALTH_CHECKS), by a query that takes
    as long as any other. A server that has ended a connection, or is gone, has said so on its
    socket; as long as nothing is there to be read, the connection is as it was.
    """

    def is_usable(self) -> bool:
        """Whether the connection can be used. Only if something was received, the server is asked.

        A peer that vanished without a word, such as a machine without power, is not noticed here,
        and no query before the next would notice it sooner.
        """
        if self.connection is None or self.connection.closed:
            return False
        socket = select.poll()
        socket.register(self.connection.fileno(), select.POLLIN)
        return not socket.poll(0) or super().is_usable()
