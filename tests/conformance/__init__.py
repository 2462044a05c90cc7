"""Worked examples that others published, run through the real models."""
