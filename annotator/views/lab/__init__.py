"""The lab: questions to a network, asked on a page and answered by a worker."""
