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
        """Whether the connection can be used. If something was received, the server is asked.

        So it is after an error. A peer that forgot the connection without a word is noticed by the
        request's own first query; CONN_MAX_AGE bounds for how long one is kept.
        """
        if self.connection is None or self.connection.closed:
            return False
        if self.errors_occurred:
            return super().is_usable()
        socket = select.poll()
        try:
            socket.register(self.connection.fileno(), select.POLLIN)
        except (ValueError, OSError, self.Database.Error):
            return False
        return not socket.poll(0) or super().is_usable()
