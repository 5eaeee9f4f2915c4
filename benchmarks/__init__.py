"""What the README claims about speed and memory, each a ratio measured in one run.

`make bench` measures all of it and writes results.json; `python -m benchmarks NAME ...` measures
one part and leaves the other rows as they are.
"""
