"""One content-management system = one base class; a portal is attributes on top of it.

* ``portal.py``        PortalSpider: the contract of a portal; knows nothing of storage (``crawler.flow`` does)
* ``lists.py``         a stored list page → raw links, pages that follow, printed total (pure)
* ``addresses.py`` ``pagers.py``   addresses of links, and where a list goes on (pure)
* ``signatures.toml``  marks by which a family is recognised, shapes of addresses; ``crawler.signatures`` reads it
* ``hanweb_jcms.py``   大汉 JCMS: ``<datastore>`` lists, dataproxy paging, reports addressed by organ and year
* ``trs_wcm.py``       拓尔思 WCM: static lists, createPageHTML and countPage pagers, bare ``t123.html`` addresses
* ``channel_oid.py``   淄博/济南: ``channel_<oid>/doc_<oid>.html``
* ``dated_list.py``    河南 platform and 洛阳: ``/2025/12-08/945529.html``, pages ``index_1.html``
* ``gkmlpt.py``        开普 gkmlpt (广东): shells with a category in the hash, entries as JSON, documents in a script
* ``hanweb_jpaas.py``  大汉 JPAAS: lists behind ``build/unit``, totals in attributes of the pager
* ``lonsun.py``        龙讯 (安徽): lists behind ``/site/label/8888``, reports addressed by organ and year
* ``ucap_query.py``    UCAP of 江西: newest entries in a script, all by POST to ``/queryList``
* ``ucap_channel.py``  UCAP whose scripts ask by channel: ``/searchList/<32 hex>``, ``/getFileListByCodeId``
* ``answers.py`` ``steps.py`` ``scripted.py``   answers of interfaces, requests to them, documents in scripts (pure)
"""
