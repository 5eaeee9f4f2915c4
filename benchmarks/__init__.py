"""Measures the README's claims about speed and memory, each as a ratio within one run.

`make bench` measures all of them and writes results.json. `python -m benchmarks NAME ...` measures
some parts and leaves the other rows as they are.
"""
