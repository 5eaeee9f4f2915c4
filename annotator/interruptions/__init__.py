"""What interrupts the work of a worker through no fault of its job: a stop, or a database away."""
