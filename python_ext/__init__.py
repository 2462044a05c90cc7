"""Typed Python around the warehouse: landing, demo data, catalogue, publishing, command line."""
