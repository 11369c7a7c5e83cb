"""`python -m bridge` runs the command line."""

from bridge.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
