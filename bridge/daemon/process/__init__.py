"""The daemon as a process: start it, stop it, serve."""
