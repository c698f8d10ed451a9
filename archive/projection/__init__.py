"""archive.projection"""
