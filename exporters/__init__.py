"""Engine files from neutral assets: pure, deterministic, no network, usable without the bridge."""
