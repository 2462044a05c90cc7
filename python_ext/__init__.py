"""Typed Python around the warehouse: landing, demo data, the catalogue, publishing, the command line."""
