"""Is everything well? Problems of portals and of the archive, told once when they begin and once when they are over.

``health.toml``  thresholds, and the sentence and advice of each problem
``gathering``    an archive → facts
``facts``        what is known of a portal and of the archive                                              (pure)
``judging``      facts → problems                                                                          (pure)
``episodes``     problems, and what was told before → what begins, what is over, what is to be told now    (pure)
``messages``     telling it: a webhook, in the words of several chat systems
``metrics``      the same for Prometheus, and ``/healthz``
``watching``     the part of ``nianbao up`` that does it all now and then
"""
