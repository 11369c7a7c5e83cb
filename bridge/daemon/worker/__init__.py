"""The thread that builds and the thread that reads."""
