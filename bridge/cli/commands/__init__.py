"""One module a command, loaded when that command runs."""
