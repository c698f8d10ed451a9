"""archive.parser"""
