"""Art providers: what draws or sells a step."""
