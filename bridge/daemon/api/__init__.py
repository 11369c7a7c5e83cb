"""The HTTP API: routes, the questions it answers, and the schemas of what it says."""
