"""archive.interfaces"""
