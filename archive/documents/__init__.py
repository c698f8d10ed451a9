"""archive.documents"""
