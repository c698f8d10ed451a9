"""One content-management system (CMS) = one spider class; a portal is attributes on top of it.

``signatures.toml`` holds the marks by which a system is recognised and the shapes of its addresses
(:mod:`crawler.signatures` reads it); ``classes.py`` finds the class of a signature.

* ``hanweb_jcms.py``   大汉 JCMS: ``<datastore>`` lists, dataproxy paging, reports addressed by organ and year
* ``hanweb_jpaas.py``  大汉 JPAAS: lists behind ``build/unit``, totals in attributes of the pager
* ``trs_wcm.py``       拓尔思 WCM: static lists, createPageHTML and countPage pagers, bare ``t123.html`` addresses
* ``channel_oid.py``   淄博/济南: ``channel_<oid>/doc_<oid>.html``
* ``dated_list.py``    河南 platform and 洛阳: ``/2025/12-08/945529.html``, pages ``index_1.html``
* ``vsb.py``           博达: ``/info/1025/10755.htm``, page numbers that count down, columns of one article
* ``ucap.py``          UCAP / ccontent: ``<32 hex>.shtml``, ``common_list_2.shtml``, packed pagers
* ``ucap_query.py``    UCAP of 江西: newest entries in a script, all by POST to ``/queryList``
* ``ucap_channel.py``  UCAP whose scripts ask by channel: ``/searchList/<32 hex>``, ``/getFileListByCodeId``
* ``nfcms.py``         广东 NFCMS: ``/content/post_1.html``, ``index_2.html``, the phone's copies
* ``gkmlpt.py``        开普 gkmlpt (广东): shells with a category in the hash, entries as JSON, documents in a script
* ``lonsun.py``        龙讯 (安徽): lists behind ``/site/label/8888``, reports addressed by organ and year
* ``static_list.py``   regular static sites that are no large system, by the shapes of their addresses
* ``generic.py``       any other system, from the page alone
"""
