"""crawler.imitation"""
