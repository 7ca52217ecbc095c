"""Chance that does not depend on the order in which things happen."""

import hashlib
import random


def dice(seed: int, *parts: object) -> random.Random:
    """Random numbers fixed by the seed and what they are for.

    Every decision has dice of its own, so two runs agree however the network interleaves their requests.
    """
    name = "\x1f".join([str(seed), *map(str, parts)])
    return random.Random(hashlib.blake2b(name.encode(), digest_size=16).digest())
