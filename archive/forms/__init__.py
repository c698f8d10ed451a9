"""archive.forms"""
