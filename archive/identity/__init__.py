"""archive.identity"""
