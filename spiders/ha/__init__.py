"""Portals of 河南."""
