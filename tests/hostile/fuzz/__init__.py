"""Thousands of damaged and dangerous inputs, made from a number each: the same number is the same input everywhere."""
