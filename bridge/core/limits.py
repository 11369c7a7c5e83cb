"""How long anything waits, and how often anything is tried: every limit of the program in one place.

docs/reference/limits.md is generated from the tables here, and a test finds every loop and wait that stands in neither.
"""

from __future__ import annotations

MOST_DAMAGED_ARRIVALS = 5
FIRST_WAIT_AFTER_DAMAGE_S = 1.0
