"""Which HIT a worker gets next, and how long it is theirs."""
