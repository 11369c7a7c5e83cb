"""The HTTP API: a table of endpoints with their request and response models, and what serves and describes it."""
