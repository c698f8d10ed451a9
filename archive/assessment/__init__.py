"""archive.assessment"""
