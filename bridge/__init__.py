"""assetbridge: game art as code. This package turns spec files into engine files."""

__version__ = "0.1.0"
