"""spiders.sx"""
