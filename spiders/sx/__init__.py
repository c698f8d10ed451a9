"""Portals of 山西."""
