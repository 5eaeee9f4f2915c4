"""A study as a static site: pages that open from disk or from any web host, without a server."""
