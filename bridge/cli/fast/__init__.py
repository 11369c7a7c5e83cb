"""Answers of the command line that need no third-party package."""
