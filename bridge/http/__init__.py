"""Talking to art providers: the only place that imports an HTTP client."""
