"""crawler.families"""
