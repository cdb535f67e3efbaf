"""Webmention (W3C Recommendation of 12 January 2017): notices of links between sites, received and sent.

Off unless ATTEST_WEBMENTIONS is set, since both make the server fetch addresses that others name. They go through
the one door for outgoing requests: https to public addresses, bounded in time and size.
"""
