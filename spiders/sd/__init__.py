"""spiders.sd"""
