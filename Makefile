# Every target calls one Python entry, so that systems without make run the same: python -m tests.run TASK
PYTHON ?= python3

.PHONY: demo test test-full bench lint package clean

demo test test-full bench lint package:
	@$(PYTHON) -m tests.run $@

clean:
	rm -rf .venv demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
