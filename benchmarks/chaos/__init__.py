"""Breaks an installation on purpose while people answer and dissections run: nothing may be lost.

processes     a process that is killed, stopped and started again
storage       an S3 server behind a gate that refuses, hangs, answers 500, or is full
installation  database, broker, storage, web and workers on this machine
records       what is asked of the installation's tables, in a process of its own
crowd         people who answer over HTTP and try again as browsers do
jobs          dissections, analyses and publications, one after another
faults        what is broken, and how it is mended
trial         whole trials: of minutes, and of seconds
report        what a trial injected, accepted and left
"""
