"""Estimate how likely recognition is to read one figure for another; list the figures that are one slip away."""

from __future__ import annotations

from collections.abc import Iterator

IMPOSSIBLE = 99  #: no single slip of recognition makes one of the other
_NEAR = frozenset({"06", "08", "68", "17", "38", "56"})  # the pairs that are mistaken most


def slip_cost(read: str, intended: str) -> int:
    """What it costs to believe that ``intended`` was read as ``read`` (digits without sign; "" is a blank).

    1: alike digits, a lost or added 1 at an end, a lost or doubled 0 or repeated digit; 2: another digit mistaken;
    3: another digit lost or added; ``IMPOSSIBLE``: more than one slip.
    """
    if read == intended:
        return IMPOSSIBLE
    if not read:
        return (1 if intended == "1" else 2) if len(intended) == 1 else IMPOSSIBLE
    if len(read) == len(intended):
        differing = [pair for pair in zip(read, intended, strict=True) if pair[0] != pair[1]]
        if len(differing) != 1:
            return IMPOSSIBLE
        return 1 if "".join(sorted(differing[0])) in _NEAR else 2
    if abs(len(read) - len(intended)) == 1:
        return _cost_of_lost_digit(*sorted((read, intended), key=len))
    return IMPOSSIBLE


def _cost_of_lost_digit(short: str, long: str) -> int:
    """The cheapest way to come from one to the other by one character."""
    costs = [IMPOSSIBLE]
    for at, character in enumerate(long):
        if long[:at] + long[at + 1 :] != short:
            continue
        at_end = at in {0, len(long) - 1}
        repeated = long[at + 1 : at + 2] == character  # of two alike the first is met first
        costs.append(1 if character == "0" or repeated or (character == "1" and at_end) else 3)
    return min(costs)


def digit_confusions(read: str) -> Iterator[int]:
    """Every count one slip away from what was read."""
    digits = "0123456789"
    found = {read[:at] + digit + read[at + 1 :] for at in range(len(read)) for digit in digits}
    found |= {read[:at] + digit + read[at:] for at in range(len(read) + 1) for digit in digits}
    found |= {read[:at] + read[at + 1 :] for at in range(len(read))}
    for text in found - {read, ""}:
        if text == "0" or not text.startswith("0"):
            yield int(text)
