"""What a user asks for, one module a verb, for the command line and the daemon alike."""
