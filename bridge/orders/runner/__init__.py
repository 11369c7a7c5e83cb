"""Carrying an order through: submit, poll, collect, recover, within the provider's rate limit."""
