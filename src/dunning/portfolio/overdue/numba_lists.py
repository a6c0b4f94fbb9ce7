"""
Compiled: what the lists of a loan come to on a day.

Instalments and money are read to their ends, and checked meanwhile: several at a time, and without a branch, that is
quicker than to stop where their dates are over.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dunning.portfolio.overdue.columns import FIRST_DAY, LAST_DAY, NEVER
from dunning.portfolio.overdue.numba_arrays import ONE, inlined

WORD = np.uint64(64)
_SIX, _LAST, _UPPER = np.uint64(6), np.uint64(63), np.uint64(58)
# Multiplied by a power of two, its upper six bits say which: https://en.wikipedia.org/wiki/De_Bruijn_sequence
_DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
_PLACES = np.zeros(64, np.uint64)
_PLACES[[((1 << place) * 0x03F79D71B4CB0A89 % 2**64) >> 58 for place in range(64)]] = np.arange(64)


@inlined
def size(amount: Any) -> Any:
    """Return what is as large as *amount* but for one, and never below 0."""
    return amount ^ (amount >> 63)


@inlined
def money_up_to(on: Any, money: Any, start: Any, stop: Any, day: Any, most: Any) -> Any:
    """Return the money up to *day*, below 0 where refunds exceed it, and whether it is certainly fit to be counted."""
    if start == stop:
        return 0, True
    total = money[start] if on[start] <= day else 0
    bits = size(money[start])
    falls = False
    for j in range(start + ONE, stop):
        total += money[j] if on[j] <= day else 0
        bits |= size(money[j])
        falls |= on[j] < on[j - ONE]
    return total, not falls and bits <= most and on[start] >= FIRST_DAY and on[stop - ONE] <= LAST_DAY


@inlined
def among(bits: Any, bit: Any, end: Any) -> Any:
    """Return 64 of *bits* from *bit* on, without those at or after *end*."""
    place, at = bit >> _SIX, bit & _LAST
    found = bits[place] >> at
    if at:
        found |= bits[place + ONE] << (WORD - at)  # there is a word after the last
    if end - bit <= _LAST:
        found &= (ONE << (end - bit)) - ONE
    return found


@inlined
def lowest(bits: Any) -> Any:
    """Return the place of the lowest of *bits*, of which there is one."""
    return _PLACES[((bits & (~bits + ONE)) * _DE_BRUIJN) >> _UPPER]


@inlined
def stands(undone: Any, shift: Any, until: Any, j: Any, day: Any) -> Any:
    """Whether the money at *j* counts still on *day*."""
    if len(undone) == 0:
        return True
    bit = j + shift
    return (undone[bit >> _SIX] >> (bit & _LAST)) & ONE == 0 or until[j] > day


@inlined
def earliest(until: Any, start: Any, stop: Any) -> Any:
    """
    Return the first of some days, of which those where nothing was undone mean nothing.

    Lists that lie side by side are read to their ends as quickly as memory gives them: to pick out the few days that
    mean something would wait for each.
    """
    day: Any = NEVER
    for j in range(start, stop):
        day = min(day, until[j])
    return day


@inlined
def any_undone(undone: Any, shift: Any, start: Any, stop: Any) -> Any:
    """Whether anything of some money was undone."""
    found = np.uint64(0)
    for bit in range(start + shift, stop + shift, WORD):
        found |= among(undone, bit, stop + shift)
    return found != 0


@inlined
def taken_back(undone: Any, shift: Any, until: Any, on: Any, money: Any, start: Any, stop: Any, day: Any) -> Any:
    """Return what of the money up to *day* no longer counts."""
    gone = 0
    for bit in range(start + shift, stop + shift, WORD):
        left = among(undone, bit, stop + shift)
        while left:
            j = bit - shift + lowest(left)
            gone += money[j] if (on[j] <= day) & (until[j] <= day) else 0
            left &= left - ONE
    return gone


@inlined
def due_before(on: Any, due: Any, start: Any, stop: Any, before: Any, most: Any) -> Any:
    """Return what is due before *before*, the first that is not, and whether all are certainly fit to be counted."""
    if start == stop:
        return 0, start, True
    is_past = on[start] < before
    owed = due[start] if is_past else 0
    past = np.uint64(is_past)
    bits = due[start]
    falls = False
    for j in range(start + ONE, stop):
        is_past = on[j] < before
        owed += due[j] if is_past else 0
        past += np.uint64(is_past)
        bits |= due[j]
        falls |= on[j] < on[j - ONE]
    fit = not falls and 0 <= bits <= most and on[start] >= FIRST_DAY and on[stop - ONE] <= LAST_DAY
    return owed, start + past, fit


@inlined
def are_parts(due: Any, principal: Any, start: Any, stop: Any) -> Any:
    """Whether the *principal* of each instalment is a part of what is due: no larger sums than those of it."""
    wrong = False
    for j in range(start, stop):
        wrong |= (principal[j] < 0) | (principal[j] > due[j])
    return not wrong


@inlined
def charged_before(on: Any, amounts: Any, start: Any, stop: Any, before: Any) -> Any:
    """Return what the *amounts* of days before *before* come to, and the place of the first of a later day."""
    owed = 0
    j = start
    while j < stop and on[j] < before:
        owed += amounts[j]
        j += ONE
    return owed, j
