"""What interrupts work through no fault of the job: a stop, or a database or broker away."""
