"""The built-in OAuth 2 and OpenID Connect provider: its endpoints by family, and one TABLE in `provider`."""
