"""Reading and writing pictures and sound."""
