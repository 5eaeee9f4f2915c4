"""The lab: analyses of the networks of a study, run by a worker process."""
