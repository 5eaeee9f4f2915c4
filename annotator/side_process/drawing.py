"""Draws charts and pictures of them by vl_convert; a script of `process`, run by its path.

A request is the name of a function of vl_convert and its arguments. It ends when none came for a
while.
"""

import pickle
import select
import sys

import vl_convert

IDLE_SECONDS = 10


def main() -> None:
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while select.select([requests], [], [], IDLE_SECONDS)[0]:
        try:
            name, arguments, options = pickle.load(requests)
        except EOFError:
            return
        try:
            answer = True, getattr(vl_convert, name)(*arguments, **options)
        except Exception as error:
            answer = False, f"{name}: {error}"
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    main()
