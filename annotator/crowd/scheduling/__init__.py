"""Which HIT a worker gets next, and for how long it is leased."""
