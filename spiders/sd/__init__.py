"""Portals of 山东."""
