"""One content-management system = one base class; a portal is attributes on top of it.

* ``portal.py``        PortalSpider: the contract of a portal; knows nothing of storage (``crawler.flow`` does)
* ``lists.py``         a stored list page → raw links, pages that follow, printed total (pure)
* ``addresses.py`` ``pagers.py``   addresses of links, and where a list goes on (pure)
* ``signatures.toml``  marks by which a family is recognised, shapes of addresses; ``crawler.signatures`` reads it
* ``hanweb_jcms.py``   大汉 JCMS: ``<datastore>`` lists, dataproxy paging, reports addressed by organ and year
* ``trs_wcm.py``       拓尔思 WCM: static lists, createPageHTML and countPage pagers, bare ``t123.html`` addresses
* ``channel_oid.py``   淄博/济南: ``channel_<oid>/doc_<oid>.html``
* ``dated_list.py``    河南 platform and 洛阳: ``/2025/12-08/945529.html``, pages ``index_1.html``
"""
