"""storage.migrations"""
