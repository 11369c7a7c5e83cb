"""Steps, fingerprints, the lock and the plan."""
