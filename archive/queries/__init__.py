"""archive.queries"""
