"""spiders.ha"""
