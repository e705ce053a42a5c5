"""Views of what a client sent: text, XML, parts, claims, a GraphQL call, structured fields. Read at first use, and bounded."""
