"""How Kitaphana runs for real: private nodes, the proxy and the supervisor."""
