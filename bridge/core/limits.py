"""How long anything waits, and how often anything is tried: every limit of the program in one place.

docs/reference/limits.md is generated from the tables here, and a test finds every loop and wait that stands in neither.
"""

from __future__ import annotations

# Results that come damaged.
MOST_DAMAGED_ARRIVALS = 5
FIRST_WAIT_AFTER_DAMAGE_S = 1.0
# Version control: how long it has to rest, how old a lock of its may be, and how long a build waits to save its lock.
GIT_REST_S = 0.15
GIT_LOCK_BELIEVED_S = 600.0
GIT_SAVE_WAIT_S = 10.0
# Other takes that `reroll` looks at until one looks different.
MOST_TAKES_TRIED = 8
# How long a provider is asked whether it has what is to be adopted.
ADOPTION_PATIENCE_S = 30.0
# A job that is older than a run waits for one: how long it is looked at before the run goes on without it.
LATE_JOB_PATIENCE_S = 10.0
