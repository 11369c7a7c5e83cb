"""`assetbridge.toml` and the facts of the engines' projects beside it, as a `Config`."""
