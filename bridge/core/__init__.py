"""The ground: errors, atomic files, paths, the clock, TOML with positions, SQLite, credentials."""
