"""The list engine that takes the place of lists, looks, cms, rendering, discovery and visits (decision 0016).

``page`` turns an answer into links, entries, claims and controls; ``claims`` reads what it says about size;
``engine`` decides whether a list is complete; ``next_pages`` says what leads on, ``idioms`` where no link shows it;
``browser`` presses controls; ``lists`` reads one list by these means; ``walk`` finds the lists of a portal by
``labels``; ``site_search`` asks its own search; ``twins`` compares lists; ``addressed`` asks for reports without one; ``crawling`` sends what it asks in a crawl.
"""
