"""The tests. A package so that `python -m tests.run` works and no installed `tests` package can shadow it."""
