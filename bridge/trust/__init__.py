"""Whether the user trusts a project: what it asks for, what was answered, and what waits for the answer."""
