"""Lists that scripts make, with no interface that a class knows: rendered by Chromium, which never touches the net.

``render.py``           which page is rendered, and how it ends
``request_proxy.py``    what the page asks for while it is rendered → our rules → the crawl's own engine → the answer
``rendering_need.py``   which list that was read in part is one that only scripts turn on (pure)
``page_turning.py``     which button of it turns its list on, and what a turn brought (pure)
``further_lists.py``    which further lists it offers: years, groups of bodies (pure)
``browser_session.py``  the crawl's side of the talk: a page made, then its list turned on to its end
``rendered_reading.py`` the page as rendered → a list page; what leaves a doubt (pure)
``rendered_page.py``    what became of a page that was shown, so that it can be kept and read again (pure)
``evidence.py``         the DOM and the picture as resource records
``process.py``          the browser's process from outside: start, limits on time and memory, end
``browser.py``          the browser's process from inside; the only module that knows Playwright
``channel.py``          the messages between the two
``browser_search.py``   which browser, and what to install where there is none

scrapy-playwright lets the browser fetch what a page asks for: robots.txt, the delay, the check of addresses, the page
budget and the capture of what came over the wire would all have to be built a second time around it, and redirects pass
its interception by. Here it is the other way round: the browser has no network at all, every request of a page comes
to the crawl's process, and is made there as any other request of the crawl is, through all its middlewares, or refused.
"""
