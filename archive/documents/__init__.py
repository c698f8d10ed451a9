"""Bytes → Document: one module per format, and one model that all of them fill."""
