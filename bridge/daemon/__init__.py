"""A background process for one project: editors see its assets and have them built over HTTP on this machine alone."""
