"""The steps of `[process]`, one class a module."""
