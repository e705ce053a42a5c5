"""Being the proxy of unmodified clients: tunnels (CONNECT), and the certificates to look into them."""
