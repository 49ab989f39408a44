"""Makes an input as short and as plain as it can be while it is still interesting."""

from __future__ import annotations

import time
from collections.abc import Callable

PLAIN_BYTES = (0x00, 0x61)  # tried in place of each byte, in this order


def minimise(data: bytes, is_interesting: Callable[[bytes], bool], seconds: float,
             clock: Callable[[], float] = time.monotonic) -> bytes:
    """Takes stretches out of `data`, long ones first, then makes its bytes plain.

    Requires: `data` is interesting. Returns after `seconds` with the best so far.
    """
    end = clock() + seconds

    def is_better(candidate: bytes) -> bool:
        return clock() < end and is_interesting(candidate)

    size = max(1, len(data) // 2)
    while clock() < end:
        shorter = remove_stretches(data, size, is_better)
        if shorter == data and size == 1:
            break
        # After the last round of single bytes, longer stretches may go that would not before.
        size = max(1, size // 2) if shorter == data or size > 1 else max(1, len(shorter) // 4)
        data = shorter
    return make_plain(data, is_better)


def remove_stretches(data: bytes, size: int, is_better: Callable[[bytes], bool]) -> bytes:
    at = len(data)
    while at > 0:  # from the end, since what comes first decides what the rest means
        at = max(0, at - size)
        candidate = data[:at] + data[at + size:]
        if candidate != data and is_better(candidate):
            data = candidate
    return data


def make_plain(data: bytes, is_better: Callable[[bytes], bool]) -> bytes:
    for i, byte in enumerate(data):
        for plain in PLAIN_BYTES:
            if byte == plain:
                break
            candidate = data[:i] + bytes([plain]) + data[i + 1:]
            if is_better(candidate):
                data = candidate
                break
    return data
