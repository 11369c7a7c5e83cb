"""Paid work: the journal of every order, the runner that carries orders out, budgets, recovery."""
